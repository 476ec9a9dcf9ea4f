import TestSupport

/// A folder with a web configuration and the certificates that it names, and what is needed to ask a
/// server that goes by it.
struct ConfiguredFolder {
  let authority: TestAuthority
  let tree: TemporaryTree
  var path: String { "\(tree.path)/web.yml" }

  /// - Parameter config: its certificates are those of ``TestAuthority``, copied beside it.
  init(_ config: String) throws {
    authority = try TestAuthority.shared.get()
    tree = try TemporaryTree()
    for file in ["ca.crt", "server.crt", "server.key", "server-rsa.crt", "server-rsa.key"] {
      try tree.write(file, try authority.text(file))
    }
    try tree.write("web.yml", config)
  }

  static let pair = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
  static let rsaPair =
    "tls_server_config:\n  cert_file: server-rsa.crt\n  key_file: server-rsa.key\n"

  func serve(_ flags: [String] = []) throws -> ServingExporter {
    try ServingExporter(["--web.config.file=\(path)"] + flags)
  }

  /// What curl says of `/-/healthy`: a status, or `000` where there was no answer.
  func curl(_ server: ServingExporter, _ flags: [String] = [], path: String = "/-/healthy") throws
    -> String
  {
    let result = try Command.run(
      [
        "curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "--cacert",
        "\(tree.path)/ca.crt",
      ] + flags + ["https://\(server.address)\(path)"])
    return result.text
  }

  /// The flags with which curl shows a certificate of ``TestAuthority``.
  func client(_ name: String?) -> [String] {
    guard let name else { return [] }
    return ["--cert", "\(authority.path)/\(name).crt", "--key", "\(authority.path)/\(name).key"]
  }
}

/// Hashes of "hunter2" and "swordfish".
let hunter2 = "$2y$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2"
let swordfish = "$2b$04$abcdefghijklmnopqrstuugIEnm3ZbWF6xb2GcoE3L1CoGJFMKtu."
let emptyPassword = "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"
let seventyTwo = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"
