internal import Glibc

/// What a process has open: the targets of /proc/PID/fd.
///
/// - Parameter process: its number; nil for the one that asks.
package func openFiles(of process: Int32? = nil) throws -> [String] {
  let folder = "/proc/\(process.map { "\($0)" } ?? "self")/fd"
  return try Files.list(folder).compactMap { name in
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("\(folder)/\(name)", &buffer, buffer.count)
    // The one that lists them is gone by now.
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
