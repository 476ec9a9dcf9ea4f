internal import CBuildInfo
internal import Collectors
internal import WebServer

/// What this program is and what it was built from.
enum Version {
  static let number = "0.1.0"

  static var revision: String { unsafe String(cString: build_revision()) }

  static var facts: BuildFacts {
    BuildFacts(
      version: number, revision: revision, swiftVersion: swift,
      libmicrohttpdVersion: WebServer.libraryVersion)
  }

  static var line: String {
    "page-migration-exporter \(number) (revision \(revision), Swift \(swift), "
      + "libmicrohttpd \(WebServer.libraryVersion))"
  }

  /// Swift tells its version only to conditions.
  private static var swift: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3.2)
      "6.3.2 or later"
    #elseif compiler(>=6.3.1)
      "6.3.1"
    #else
      "6.3"
    #endif
  }
}
