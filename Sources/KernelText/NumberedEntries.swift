internal import Glibc

/// The entries of a folder of sysfs that are named with a number: `node0`, `node1`, `node7`.
///
/// Like a ``PseudoFile`` the folder stays open on the kernel's own file systems, and is opened anew
/// each time in a copied tree.
///
/// @unchecked: nobody else has the stream, and it is used only where this value is borrowed alone.
package struct NumberedEntries: ~Copyable, @unchecked Sendable {
  package let path: String
  private let prefix: [UInt8]
  private var folder: OpaquePointer?

  package init(in path: String, prefix: String) {
    self.path = path
    self.prefix = Array(prefix.utf8)
  }

  deinit { if let folder { closedir(folder) } }

  /// The size that fstat(2) gives for the folder.
  package mutating func size() throws(FileError) -> UInt64 {
    var status = stat()
    guard fstat(dirfd(try openedFolder()), &status) == 0 else {
      throw FileError(.list, path, errno)
    }
    return UInt64(status.st_size)
  }

  /// Replaces `numbers` by those found now, rising; they may have gaps.
  package mutating func list(into numbers: inout [Int]) throws(FileError) {
    numbers.removeAll(keepingCapacity: true)
    let folder = try openedFolder()
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let found = withUnsafeBytes(of: &entry.pointee.d_name) { number(ofEntry: $0) }
      if let found { numbers.append(found) }
    }
    let failure = errno
    if failure != 0 || !staysOpen { closeNow() }
    guard failure == 0 else { throw FileError(.list, path, failure) }
    numbers.sort()
  }

  private var staysOpen = false

  /// The folder's stream at its beginning.
  private mutating func openedFolder() throws(FileError) -> OpaquePointer {
    if let folder {
      rewinddir(folder)
      return folder
    }
    guard let folder = opendir(path) else { throw FileError(.list, path, errno) }
    self.folder = folder
    staysOpen = isOnKernelFileSystem(dirfd(folder))
    return folder
  }

  private mutating func closeNow() {
    if let folder { closedir(folder) }
    folder = nil
  }

  /// Nil unless the name, up to its NUL, is the prefix and one to nine digits.
  private func number(ofEntry name: UnsafeRawBufferPointer) -> Int? {
    guard name.starts(with: prefix) else { return nil }
    var value = 0
    var digits = 0
    for byte in name.dropFirst(prefix.count) {
      if byte == 0 { return digits > 0 ? value : nil }
      let digit = byte &- UInt8(ascii: "0")
      // `node01` would be a second 1.
      guard digit <= 9, digits < 9, digits == 0 || value > 0 else { return nil }
      value = value * 10 + Int(digit)
      digits += 1
    }
    return nil
  }
}
