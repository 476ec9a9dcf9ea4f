internal import Glibc

/// What a cgroup's folder tells.
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
    guard stat(path, &status) == 0 else { throw FileError(.list, path, errno) }
    // The kernel counts two links and one for each folder in it (fs/kernfs/inode.c,
    // kernfs_refresh_inode); some file systems, on which a copied tree may be, always say one.
    guard status.st_nlink == 2 else {
      self = try CgroupFolder(listing: path)
      return
    }
    self.init()
    hasMemoryStat = access("\(path)/memory.stat", F_OK) == 0
  }

  private init() {}

  package init(listing path: String) throws(FileError) {
    guard let folder = opendir(path) else { throw FileError(.list, path, errno) }
    defer { closedir(folder) }
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let type = Int(entry.pointee.d_type)
      withUnsafeBytes(of: &entry.pointee.d_name) { name in
        note(name.prefix { $0 != 0 }, mayBeFolder: type == DT_DIR || type == DT_UNKNOWN)
      }
    }
    guard errno == 0 else { throw FileError(.list, path, errno) }
    children.sort { $0.lexicographicallyPrecedes($1) }
  }

  private mutating func note(_ name: Slice<UnsafeRawBufferPointer>, mayBeFolder: Bool) {
    if name.elementsEqual("memory.stat".utf8) {
      hasMemoryStat = true
    } else if name.elementsEqual("cgroup.controllers".utf8) {
      isVersion2 = true
    } else if mayBeFolder, !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) {
      children.append(Array(name))
    }
  }
}
