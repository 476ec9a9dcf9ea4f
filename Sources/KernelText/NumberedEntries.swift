internal import Glibc

/// The entries of a folder of sysfs that are named with a number: `node0`, `node1`, `node7`.
package struct NumberedEntries: Sendable {
  package let path: String
  private let prefix: [UInt8]

  package init(in path: String, prefix: String) {
    self.path = path
    self.prefix = Array(prefix.utf8)
  }

  /// Replaces `numbers` by those found now, rising; they may have gaps.
  package func list(into numbers: inout [Int]) throws(FileError) {
    numbers.removeAll(keepingCapacity: true)
    guard let folder = opendir(path) else { throw FileError(.list, path, errno) }
    defer { closedir(folder) }
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let found = withUnsafeBytes(of: &entry.pointee.d_name) { number(ofEntry: $0) }
      if let found { numbers.append(found) }
    }
    guard errno == 0 else { throw FileError(.list, path, errno) }
    numbers.sort()
  }

  /// Nil unless the name, up to its NUL, is the prefix and one to nine digits.
  private func number(ofEntry name: UnsafeRawBufferPointer) -> Int? {
    guard name.starts(with: prefix) else { return nil }
    var value = 0
    var digits = 0
    for byte in name.dropFirst(prefix.count) {
      if byte == 0 { return digits > 0 ? value : nil }
      let digit = byte &- UInt8(ascii: "0")
      guard digit <= 9, digits < 9 else { return nil }
      value = value * 10 + Int(digit)
      digits += 1
    }
    return nil
  }
}
