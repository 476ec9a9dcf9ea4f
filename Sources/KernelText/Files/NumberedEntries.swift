internal import Glibc
internal import System

/// The entries of a folder of sysfs that are named with a number: `node0`, `node1`, `node7`.
///
/// Like a ``PseudoFile`` the folder stays open on the kernel's own file systems, and is opened anew
/// each time in a copied tree.
///
/// @unchecked: nobody else has the stream, and it is used only where this value is borrowed alone.
@safe package struct NumberedEntries: ~Copyable, @unchecked Sendable {
  package let path: String
  private let prefix: [UInt8]
  private var folder: OpaquePointer?

  package init(in path: String, prefix: String) {
    self.path = path
    self.prefix = Array(prefix.utf8)
  }

  deinit { if let folder = unsafe folder { unsafe closedir(folder) } }

  /// The size that fstat(2) gives for the folder.
  package mutating func size() throws(FileError) -> UInt64 {
    if unsafe folder == nil { _ = unsafe try openedFolder() }
    var status = stat()
    guard unsafe fstat(dirfd(folder!), &status) == 0 else {
      throw FileError(.list, path, errno)
    }
    return UInt64(status.st_size)
  }

  /// Replaces `numbers` by those found now, rising; they may have gaps.
  package mutating func list(into numbers: inout [Int]) throws(FileError) {
    numbers.removeAll(keepingCapacity: true)
    let folder = unsafe try openedFolder()
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      let found = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe number(ofEntry: $0.bindMemory(to: UInt8.self).span)
      }
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
    if let folder = unsafe folder {
      unsafe rewinddir(folder)
      return unsafe folder
    }
    guard let folder = unsafe path.withCString(opendir) else { throw FileError(.list, path, .last) }
    unsafe self.folder = folder
    staysOpen = unsafe isOnKernelFileSystem(dirfd(folder))
    return unsafe folder
  }

  private mutating func closeNow() {
    if let folder = unsafe folder { unsafe closedir(folder) }
    unsafe folder = nil
  }

  /// Nil unless the name, up to its NUL, is the prefix and one to nine digits.
  private func number(ofEntry name: Span<UInt8>) -> Int? {
    for (index, byte) in prefix.enumerated() {
      guard index < name.count, name[index] == byte else { return nil }
    }
    guard let (value, end) = Digits.small(of: name, from: prefix.count), name[end] == 0 else {
      return nil
    }
    // `node01` would be a second 1.
    return name[prefix.count] == UInt8(ascii: "0") && end - prefix.count > 1 ? nil : value
  }
}
