internal import Glibc

/// What a cgroup's folder has in it.
package struct CgroupFolder: Sendable {
  /// The names of the cgroups in it, in the order of their bytes.
  package private(set) var children: [[UInt8]] = []
  /// Whether it has a `memory.stat`: whether the memory controller counts for this cgroup.
  package private(set) var hasMemoryStat = false
  /// Whether it has a `cgroup.controllers`, as every cgroup of version 2 does and none of version 1.
  package private(set) var isVersion2 = false

  /// Looks at a cgroup below the root. A listing of a cgroup's 70 files costs more than all else
  /// in a scrape of it, so one without cgroups in it is not listed.
  package init(lookingAt path: String) throws(FileError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw FileError(.list, path, errno) }
    // The kernel counts two links and one for each folder in it (fs/kernfs/inode.c,
    // kernfs_refresh_inode); some file systems, on which a copied tree may be, always say one.
    guard status.st_nlink == 2 else {
      self = try CgroupFolder(listing: path)
      return
    }
    self.init()
    hasMemoryStat = unsafe access("\(path)/memory.stat", F_OK) == 0
  }

  private init() {}

  /// The number by which the kernel knows the cgroup: the inode of its folder. Nil where it is gone.
  package static func number(of path: String) -> UInt64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  package init(listing path: String) throws(FileError) {
    guard let folder = unsafe opendir(path) else { throw FileError(.list, path, errno) }
    defer { unsafe closedir(folder) }
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      let type = unsafe Int(entry.pointee.d_type)
      unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
        let text = unsafe name.bindMemory(to: UInt8.self).span
        let end = text.indices.first { text[$0] == 0 } ?? text.count
        note(text.extracting(0..<end), mayBeFolder: type == DT_DIR || type == DT_UNKNOWN)
      }
    }
    guard errno == 0 else { throw FileError(.list, path, errno) }
    children.sort { $0.lexicographicallyPrecedes($1) }
  }

  private mutating func note(_ name: Span<UInt8>, mayBeFolder: Bool) {
    if name.equals("memory.stat") {
      hasMemoryStat = true
    } else if name.equals("cgroup.controllers") {
      isVersion2 = true
    } else if mayBeFolder, !name.equals("."), !name.equals("..") {
      children.append([UInt8](copying: name))
    }
  }
}
