// What the whole pipeline makes of a system that does not let it look, and of what the dead have left.

import Foundation
import Testing

@Suite struct PipelineFaultTests {
    /// `make all` with nothing to do calls no stage that would sweep.
    @Test func makeSweepsWhereNothingIsToBeMade() throws {
        let ground = try Playground()
        _ = try ground.built()
        _ = try ground.shell(
            "mkdir artifacts/.tmp/999-0; touch artifacts/.tmp/999-0/.lock artifacts/.tmp/999-0/text"
        )
        #expect(try ground.make().output == "mnist is up to date in artifacts/\n")
        #expect(ground.temporaries == [])
    }

    /// A folder that may not be entered is no sign that something has been edited.
    @Test func whatCannotBeLookedAtIsAFaultOfTheSystem() throws {
        let ground = try Playground()
        _ = try ground.built()
        // Root may look anywhere, so somebody else asks then.
        let user = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        _ = try ground.shell("chmod -R a+rX . && chmod 0 artifacts/objects")
        let outcome = try ground.shell("\(user)bin/pipeline-tool check")
        _ = try ground.shell("chmod 755 artifacts/objects")
        #expect(outcome.status == 74, "\(outcome.output)")
        #expect(outcome.says("Permission denied") && !outcome.says("edited meanwhile"))
    }

    /// Where a record cannot be read, Make still gets to know who waits for whom.
    @Test func anUnreadableRecordChangesNoRule() throws {
        let ground = try Playground()
        _ = try ground.built()
        let user = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        _ = try ground.shell("chmod -R a+rX . && chmod 0 artifacts/records/train-mlp.json")
        let outcome = try ground.shell("\(user)bin/pipeline-tool rules")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("run.train-mlp: run.fetch-toy ; "))
        #expect(outcome.says("run.attack-a: run.train-mlp run.sample-5k ; "))
        // Without a config nobody knows.
        _ = try ground.shell(
            "chmod 644 artifacts/records/train-mlp.json; chmod 0 pipeline/mnist/train-mlp.json")
        let blind = try ground.shell("\(user)bin/pipeline-tool rules")
        #expect(blind.status == 74 && blind.says("Permission denied"), "\(blind.output)")
    }
}
