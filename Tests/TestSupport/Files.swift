internal import Glibc

/// The file system, as far as tests need it.
package enum Files {
  package static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFailure("open \(path)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      guard count >= 0 else { throw systemFailure("read \(path)") }
      guard count > 0 else { return bytes }
      bytes += piece.prefix(count)
    }
  }

  package static func text(_ path: String) throws -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Replaces the file by another of this name, as editors and package managers do.
  package static func write(_ path: String, _ bytes: some Collection<UInt8>) throws {
    let new = "\(path).new"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemFailure("create \(new)") }
    defer { close(descriptor) }
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw systemFailure("write \(new)") }
      rest = rest.dropFirst(count)
    }
    guard rename(new, path) == 0 else { throw systemFailure("rename \(new)") }
  }

  package static func write(_ path: String, _ text: String) throws {
    try write(path, text.utf8)
  }

  /// Writes to a file that is there, as one does to those of the kernel.
  package static func overwrite(_ path: String, _ text: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFailure("open \(path)") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw systemFailure("write \(path)")
    }
  }

  /// The names in a folder, in order.
  package static func list(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else { throw systemFailure("list \(path)") }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }

  package static func isSocket(_ path: String) -> Bool { kind(path) == S_IFSOCK }

  package static func exists(_ path: String) -> Bool { kind(path) != nil }

  private static func kind(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// Makes the folder and those above it.
  package static func makeFolder(_ path: String) throws {
    guard !isFolder(path) else { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw systemFailure("make \(path)") }
  }

  /// Removes the file or the folder with all that is in it.
  package static func remove(_ path: String) {
    guard isFolder(path) else {
      unlink(path)
      return
    }
    for name in (try? list(path)) ?? [] { remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// Removes an empty folder, or a cgroup.
  package static func removeFolder(_ path: String) { rmdir(path) }

  package static func copy(_ source: String, to target: String) throws {
    guard isFolder(source) else {
      try write(target, try read(source))
      return
    }
    try makeFolder(target)
    for name in try list(source) { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
  }
}

package func systemFailure(_ what: String) -> Failure {
  Failure("cannot \(what): \(String(cString: strerror(errno)))")
}
