internal import Glibc

/// The folders in a folder of sysfs: `reserved`, `hugepages-2048kB`.
package enum Subfolders {
  /// How many are taken of one folder; the kernel has a few dozen at most.
  package static let max = 256

  /// Their names, in the order of their bytes. Nil where there is no such folder.
  package static func names(of path: String) throws(FileError) -> [String]? {
    guard let folder = unsafe opendir(path) else {
      let error = FileError(.list, path, errno)
      guard error.meansGone else { throw error }
      return nil
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else { break }
      let type = unsafe Int(entry.pointee.d_type)
      guard type == DT_DIR || type == DT_UNKNOWN else { continue }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw FileError(.list, path, errno) }
    return Array(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(max))
  }
}
