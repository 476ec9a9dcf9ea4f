internal import Glibc

/// What one listing of a cgroup's folder tells.
package struct CgroupFolder: Sendable {
  /// The names of the cgroups in it, in the order of their bytes.
  package private(set) var children: [[UInt8]] = []
  /// Whether it has a `memory.stat`: whether the memory controller counts for this cgroup.
  package private(set) var hasMemoryStat = false
  /// Whether it has a `cgroup.controllers`, as every cgroup of version 2 does and none of version 1.
  package private(set) var isVersion2 = false

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
