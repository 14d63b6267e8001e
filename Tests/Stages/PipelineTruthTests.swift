// Records, entries and notes are believed only as they were written; what is damaged is made again, and
// advice that is printed works when it is typed.

import Foundation
import Testing

@Suite struct PipelineTruthTests {
    let ground: Playground
    let before: [String: Data]

    init() throws {
        ground = try Playground()
        _ = try ground.built()
        before = ground.visible()
    }

    @Test func aChangedFigureIsNeverShown() throws {
        _ = try ground.shell(
            "sed -i 's/\"success\": 0.2/\"success\": 0.9/' artifacts/records/attack-a.json")
        #expect(try ground.make("why").says("attack-a: stale, its record is damaged"))
        #expect(!(try ground.make("why").says("cannot be made")))
        #expect(try ground.make("lock").status == 2)
        let shown = try ground.make("attack-a")
        #expect(shown.status == 0 && shown.says("success 0.2") && !shown.says("0.9"))
        #expect(shown.says("attack-a: restored"))
        #expect(ground.visible() == before)
    }

    @Test func verifyFindsEveryChangedRecordEntryAndNote() throws {
        #expect(try ground.make("lock").status == 0)
        let papers = try ground.shell(
            "find artifacts/records artifacts/.keys artifacts/.verified -type f"
        ).lines
        #expect(papers.count > 15)
        for paper in papers {
            // One bit, in the middle of the file, the times put back.
            _ = try ground.shell(
                """
                cp -p \(paper) keep && size=$(stat -c %s \(paper)) && at=$((size / 2)) \
                && byte=$(od -An -tu1 -j $at -N 1 \(paper)) && chmod u+w \(paper) \
                && printf "\\\\x$(printf %x $((byte ^ 1)))" | dd of=\(paper) bs=1 seek=$at conv=notrunc status=none \
                && touch -r keep \(paper)
                """)
            let found = try ground.make("verify")
            #expect(
                found.status == 2 && found.says("\(paper): a damaged"), "\(paper): \(found.output)")
            try ground.forgetMarks()
            #expect(try ground.make().status == 0)
            #expect(ground.marks == [], "\(paper)")
            #expect(try ground.make("gc").status == 0)
            #expect(try ground.make("verify").status == 0, "\(paper)")
        }
        #expect(ground.visible() == before)
    }

    @Test func anEntryWithoutItsObjectsIsAMissAndNoAccusation() throws {
        // The stage is not deterministic, but what it gave before is gone: nobody can tell.
        try ground.config("train-mlp", #"{"random": true}"#)
        _ = try ground.built()
        _ = try ground.shell(
            "rm -f $(readlink -f artifacts/model/mlp.safetensors); rm artifacts/records/train-mlp.json"
        )
        try ground.forgetMarks()
        let outcome = try ground.make("train-mlp")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(ground.marks == ["train-mlp"])
        // A damaged entry is a miss as well.
        let entries = try ground.shell("grep -l 'random' -r artifacts/.keys; true").lines
        for entry in entries { _ = try ground.shell("echo '{}' > \(entry)") }
        #expect(try ground.make().status == 0)
    }

    @Test(arguments: ["rm -f $f", "chmod u+w $f && echo x >> $f"])
    func aReportThatEqualsItsRecordIsRightWhateverBecameOfItsObject(_ damage: String) throws {
        let digest = try ground.shell("sha256sum artifacts/report.html | cut -c1-64").output
            .dropLast()
        _ = try ground.shell(
            "f=artifacts/objects/\(digest.prefix(2))/\(digest.dropFirst(2)).html; \(damage)")
        try ground.forgetMarks()
        let outcome = try ground.make()
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(!outcome.says("edited in place"))
        // The page itself is the copy that it is mended from.
        #expect(ground.marks == [])
        #expect(ground.visible() == before)
        #expect(try ground.make("lock").status == 0 && ground.make("verify").status == 0)
    }

    @Test func bitRotThatVerifyFindsIsHealedByTheNextMake() throws {
        _ = try ground.shell("cp -r pipeline/mnist pipeline/other")
        let call = "EXPERIMENT=other ARTIFACTS=store"
        _ = try ground.built("all \(call)")
        #expect(try ground.make("lock \(call)").status == 0)
        let object = try ground.shell("readlink -f store/attack/other/a.safetensors").output
            .dropLast()
        // What a disk does to a file it does not tell the file system: inode and times stay, as the note
        // has them. Here the note is made to say so of the damaged file.
        let digest = object.split(separator: "/").suffix(2).joined().prefix(64)
        _ = try ground.shell(
            """
            chmod u+w \(object) && printf X | dd of=\(object) conv=notrunc status=none && sleep 0.05
            note=store/.verified/objects/$(basename $(dirname \(object)))/$(basename \(object))
            mtime=$(stat -c '%.9Y' \(object)) ctime=$(stat -c '%.9Z' \(object))
            plain() { echo "$1" | sed 's/\\.0*/./; s/\\.$/.0/'; }
            text="\(digest)\\n$(stat -c '%i %s' \(object)) $(plain $mtime) $(plain $ctime)\\n"
            printf "$text" > $note && printf "%s\\n" "$(printf "$text" | sha256sum | cut -c1-64)" >> $note
            """)
        #expect(try ground.make("all \(call)").status == 0)
        let found = try ground.make("verify \(call)")
        #expect(found.status == 2)
        let advice = "make attack-a EXPERIMENT=other ARTIFACTS=store"
        #expect(
            found.says(
                "attack/other/a.safetensors: its object is damaged; \(advice) makes it again"),
            "\(found.output)")
        try ground.forgetMarks()
        #expect(try ground.make(String(advice.dropFirst("make ".count))).status == 0)
        #expect(ground.marks == ["attack-a"])
        #expect(try ground.make("verify \(call)").status == 0)
    }

    /// `.tmp` and `.make` as links to a folder of documents: what came out of an archive of a stranger.
    @Test func aLinkedFolderOfTheStoreIsNeverSwept() throws {
        for place in [".tmp", ".make", ".make/mnist", ".verified", ".keys", "records", "model"] {
            for link in ["documents", "documents/999-0"] {
                _ = try ground.shell(
                    """
                    rm -rf artifacts documents; \(Playground.make) -s all >/dev/null
                    for d in documents documents/999-0 documents/objects; do
                        mkdir -p $d; for f in letter output-0 .lock fetch-toy train-mlp.json a.tmp; do echo mine > $d/$f; done
                    done
                    mkdir -p artifacts/.make; rm -rf artifacts/\(place); ln -s "$PWD/\(link)" artifacts/\(place)
                    """)
                let list =
                    "find documents -printf '%p %y %s %T@\\n' | sort; find documents -type f -exec cat {} +"
                let mine = try ground.shell(list).output
                try ground.config("train-mlp", #"{"learning_rate": 0.7}"#)
                for goal in ["all", "why", "gc", "verify", "clean"] { _ = try ground.make(goal) }
                #expect(try ground.shell(list).output == mine, "\(place) → \(link)")
                try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
            }
        }
    }

    @Test func cleanDeletesAllOfItsOwnAndNothingElse() throws {
        // Before there is a report, and after.
        let fresh = try Playground()
        #expect(try fresh.make("attack-a").status == 0)
        #expect(try fresh.make("clean").status == 0)
        #expect(try fresh.shell("ls -A artifacts").output == "")
        let outcome = try ground.make("clean")
        #expect(outcome.status == 0 && outcome.output == "")
        #expect(try ground.shell("ls -A artifacts").output == "")
        #expect(try ground.built().count == 6)
        _ = try ground.shell("git init -q repository && echo mine > repository/letter")
        let list = "find repository | sort"
        let repository = try ground.shell(list).output
        for folder in ["repository", "repository/.git", "data", "."] {
            let refused = try ground.make("clean ARTIFACTS=\(folder)")
            #expect(refused.status == 2 && refused.says("is no store of artifacts"), "\(folder)")
            #expect(try ground.make("all ARTIFACTS=\(folder)").status == 2, "\(folder)")
        }
        #expect(try ground.shell(list).output == repository)
    }

    @Test func aBuildFolderFromElsewhereIsNoticed() throws {
        _ = try ground.shell("mkdir -p .build/debug .build/checkouts && touch .build/debug/old")
        #expect(try ground.shell("pipeline/make/moved").output == "")
        #expect(try ground.shell("pipeline/make/moved").output == "")
        #expect(ground.exists(".build/debug/old"))
        let moved = try ground.shell(
            "cp -r . ../moved-$$ && cd ../moved-$$ && pipeline/make/moved; ls .build; cd - >/dev/null; rm -rf ../moved-$$"
        )
        #expect(moved.says("this checkout was moved or copied from"), "\(moved.output)")
        #expect(moved.says("checkouts") && !moved.says("debug"), "\(moved.output)")
    }
}
