import Glibc
import TestSupport

extension TemporaryTree {
  func link(_ name: String, to target: String) throws {
    guard symlink(target, "\(path)/\(name)") == 0 else { throw Failure("cannot link \(name)") }
  }

  /// Makes a folder whose name need not be text, while `body` runs.
  func withFolder(named name: [UInt8], _ body: () throws -> Void) throws {
    let bytes = (Array("\(path)/".utf8) + name + [0]).map { CChar(bitPattern: $0) }
    guard mkdir(bytes, 0o755) == 0 else { throw Failure("cannot make a folder of odd name") }
    defer { rmdir(bytes) }
    try body()
  }
}
