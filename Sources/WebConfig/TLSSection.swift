internal import System
internal import TLS

extension ConfigReader {
  /// `tls_server_config`.
  mutating func readTLS(
    _ node: YAMLNode, at now: UnixTime, file: (String) throws(UnreadableFile) -> [UInt8]
  ) throws(ConfigProblem) {
    let values = try section(
      node, "tls_server_config",
      [
        "cert", "key", "client_ca", "cert_file", "key_file", "client_auth_type", "client_ca_file",
        "cipher_suites", "curve_preferences", "min_version", "max_version",
        "prefer_server_cipher_suites", "client_allowed_sans",
      ])
    guard !values.isEmpty else { return }
    var settings = ServerTLSSettings()
    try readVersions(values, into: &settings)
    try readSuites(values, into: &settings)
    try readClients(values, into: &settings)
    func source(_ name: String) throws(ConfigProblem) -> Source? {
      try self.source(name, values, file)
    }
    let (certificate, key) = (try source("cert"), try source("key"))
    let authorities = try source("client_ca")
    for source in [certificate, key, authorities] {
      if let path = source?.path { config.files.append(path) }
    }
    guard let certificate else { throw problem(node, "tls_server_config needs cert_file or cert") }
    guard let key else { throw problem(node, "tls_server_config needs key_file or key") }
    (settings.certificate, settings.key) = (certificate.bytes, key.bytes)
    settings.clientCAs = authorities?.bytes
    try check(settings, values, authorities)
    do throws(TLSProblem) {
      config.tls = try ServerTLS(settings)
    } catch {
      switch error.part {
      case .certificate: throw problem(certificate.node, "\(certificate.name) \(error)")
      case .key: throw problem(key.node, "\(key.name) \(error)")
      case .clientCAs: throw problem(authorities?.node, "\(authorities?.name ?? "") \(error)")
      case .suites: throw problem(values["cipher_suites"] ?? node, "cipher_suites: \(error)")
      case .other: throw problem(node, "tls_server_config cannot be used: \(error)")
      }
    }
    if let tls = config.tls, tls.notAfter <= now {
      warn(certificate.node.position, "\(certificate.name) expired at \(tls.notAfter.rfc3339)")
    } else if let tls = config.tls, tls.notBefore > now {
      warn(
        certificate.node.position,
        "\(certificate.name) is not valid before \(tls.notBefore.rfc3339)")
    }
  }

  private func readVersions(
    _ values: [String: YAMLNode], into settings: inout ServerTLSSettings
  ) throws(ConfigProblem) {
    if let node = values["min_version"] {
      settings.minimum = try choice(node, "min_version", as: TLSVersion.self)
    }
    if let node = values["max_version"] {
      settings.maximum = try choice(node, "max_version", as: TLSVersion.self)
    }
    guard settings.minimum <= settings.maximum else {
      throw problem(
        values["min_version"] ?? values["max_version"],
        "min_version \(settings.minimum.rawValue) is above max_version \(settings.maximum.rawValue)"
      )
    }
  }

  private func readSuites(
    _ values: [String: YAMLNode], into settings: inout ServerTLSSettings
  ) throws(ConfigProblem) {
    if let node = values["cipher_suites"] {
      var suites: [CipherSuite] = []
      for item in try list(node, "cipher_suites") {
        let name = try text(item, "a cipher suite")
        guard let suite = CipherSuite(name) else {
          throw problem(item, "unknown or insecure cipher suite '\(shown(name))'")
        }
        suites.append(suite)
      }
      settings.suites = suites.isEmpty ? nil : suites
    }
    if let node = values["curve_preferences"] {
      var curves: [Curve] = []
      for item in try list(node, "curve_preferences") {
        curves.append(try choice(item, "a curve", as: Curve.self))
      }
      settings.curves = curves.isEmpty ? nil : curves
    }
    if let node = values["prefer_server_cipher_suites"] {
      settings.prefersOwnOrder = try flag(node, "prefer_server_cipher_suites")
    }
  }

  private func readClients(
    _ values: [String: YAMLNode], into settings: inout ServerTLSSettings
  ) throws(ConfigProblem) {
    if let node = values["client_auth_type"] {
      // An old name, which exporters still take.
      settings.clientAuthentication =
        try text(node, "client_auth_type") == "RequireClientCert"
        ? .requireAny : choice(node, "client_auth_type", as: ClientAuthentication.self)
    }
    guard let node = values["client_allowed_sans"] else { return }
    var names: Set<String> = []
    for item in try list(node, "client_allowed_sans") {
      names.insert(try text(item, "a name in client_allowed_sans"))
    }
    guard !names.isEmpty else {
      throw problem(node, "client_allowed_sans is empty: nobody could connect")
    }
    guard settings.clientAuthentication.isRequired else {
      throw problem(
        node,
        "client_allowed_sans needs client_auth_type RequireAndVerifyClientCert "
          + "(or RequireAnyClientCert)")
    }
    settings.clientNames = names
  }

  /// What does not fit together, or is weaker than it looks.
  private mutating func check(
    _ settings: ServerTLSSettings, _ values: [String: YAMLNode], _ authorities: Source?
  ) throws(ConfigProblem) {
    if let authorities, settings.clientAuthentication == .none {
      throw problem(
        authorities.node, "\(authorities.name) has no effect without a client_auth_type")
    }
    let type = values["client_auth_type"]
    if settings.clientAuthentication.isVerified, authorities == nil {
      warn(
        type?.position,
        "without client_ca_file anyone with a certificate from a public authority can connect")
    }
    if settings.clientAuthentication == .requireAny {
      warn(
        type?.position,
        "RequireAnyClientCert takes any certificate; only RequireAndVerifyClientCert verifies it")
    }
    if settings.minimum < .tls12 {
      warn(
        values["min_version"]?.position, "TLS \(settings.minimum.number) is broken: use TLS12")
    }
  }

  /// Where a certificate or a key comes from, and its bytes.
  struct Source {
    /// `cert_file server.crt`, or `cert` where it stands in the configuration itself.
    let name: String
    let node: YAMLNode
    /// Nil where it stands in the configuration itself.
    let path: String?
    let bytes: [UInt8]
  }

  private func source(
    _ name: String, _ values: [String: YAMLNode],
    _ file: (String) throws(UnreadableFile) -> [UInt8]
  ) throws(ConfigProblem) -> Source? {
    if let node = values["\(name)_file"] {
      guard values[name] == nil else {
        throw problem(node, "\(name) and \(name)_file exclude each other")
      }
      let path = try text(node, "\(name)_file")
      let label = "\(name)_file \(shown(path))"
      guard !path.utf8.contains(0) else { throw problem(node, "\(label) has a NUL") }
      let whole = absolute(path)
      do throws(UnreadableFile) {
        return Source(name: label, node: node, path: whole, bytes: try file(whole))
      } catch {
        throw problem(node, "\(label) cannot be read: \(error.reason)")
      }
    }
    guard let node = values[name] else { return nil }
    return Source(name: name, node: node, path: nil, bytes: Array(try text(node, name).utf8))
  }

  /// Files are found from the configuration's own folder.
  private func absolute(_ name: String) -> String {
    guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }
}
