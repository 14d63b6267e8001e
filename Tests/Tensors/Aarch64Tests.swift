// The C kernels give the same bits on another CPU: aarch64, emulated. Skipped where the cross
// compiler or the emulator is missing; pipeline/checks/aarch64.sh names the packages.

import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs the script with its output captured, and gives exit status and text.
private func runScript(_ arguments: String) -> (status: Int32, output: String) {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let script = "'/\(root)/pipeline/checks/aarch64.sh' \(arguments) 2>&1"
    guard let pipe = popen(script, "r") else { return (-1, "popen failed") }
    var output: [UInt8] = []
    var byte = fgetc(pipe)
    while byte != EOF {
        output.append(UInt8(truncatingIfNeeded: byte))
        byte = fgetc(pipe)
    }
    let status = pclose(pipe)
    return (status & 0x7f == 0 ? status >> 8 & 0xff : -1, String(decoding: output, as: UTF8.self))
}

@Suite struct Aarch64Tests {
    @Test(
        .enabled("needs clang, gcc-aarch64-linux-gnu and qemu-user") {
            runScript("--probe").status == 0
        })
    func kernelsGiveTheSameBits() {
        let (status, output) = runScript("")
        #expect(status == 0, "\(output)")
        #expect(output.contains(", 0 different"), "\(output)")
    }
}
