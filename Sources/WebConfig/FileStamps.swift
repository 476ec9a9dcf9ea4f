internal import Glibc

/// What tells that files have been changed, without reading them: each one's device, inode, size and
/// times, or why it cannot be asked for.
struct FileStamps: Equatable {
  private struct Stamp: Equatable {
    var device: dev_t = 0
    var inode: ino_t = 0
    var size: off_t = 0
    var modified = timespec()
    var changed = timespec()
    var errno: CInt = 0

    init(_ path: String) {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else {
        errno = Glibc.errno
        return
      }
      (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
      (modified, changed) = (status.st_mtim, status.st_ctim)
    }

    static func == (one: Self, other: Self) -> Bool {
      one.device == other.device && one.inode == other.inode && one.size == other.size
        && one.modified.tv_sec == other.modified.tv_sec
        && one.modified.tv_nsec == other.modified.tv_nsec
        && one.changed.tv_sec == other.changed.tv_sec
        && one.changed.tv_nsec == other.changed.tv_nsec && one.errno == other.errno
    }
  }

  private let stamps: [String: Stamp]

  init(_ paths: Set<String>) {
    stamps = Dictionary(uniqueKeysWithValues: paths.map { ($0, Stamp($0)) })
  }
}
