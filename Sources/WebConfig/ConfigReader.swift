package import System

extension WebConfig {
  /// Reads a configuration, and all the files that it names.
  package init(reading path: String) throws(ConfigProblem) {
    try self.init(
      reading: path, at: .now,
      file: { (path) throws(UnreadableFile) in try RegularFile.bytes(path) })
  }

  /// - Parameters:
  ///   - now: what certificates are compared with.
  ///   - file: the bytes of a file.
  package init(
    reading path: String, at now: UnixTime,
    file: (_ path: String) throws(UnreadableFile) -> [UInt8]
  ) throws(ConfigProblem) {
    let text: [UInt8]
    do throws(UnreadableFile) {
      text = try file(path)
    } catch {
      throw ConfigProblem(path: path, position: nil, reason: "cannot be read: \(error.reason)")
    }
    var reader = ConfigReader(path: path)
    let root: YAMLNode?
    do throws(YAMLProblem) {
      root = try YAMLParser.document(text)
    } catch {
      throw ConfigProblem(path: path, position: error.position, reason: error.reason)
    }
    try reader.read(root, at: now, file: file)
    self = reader.config
  }
}

/// Takes a configuration from its YAML. What a section holds is in a file of its own.
struct ConfigReader {
  let path: String
  var config = WebConfig()

  init(path: String) {
    self.path = path
    config.files = [path]
  }

  mutating func read(
    _ root: YAMLNode?, at now: UnixTime, file: (String) throws(UnreadableFile) -> [UInt8]
  ) throws(ConfigProblem) {
    guard let root, !root.isNull else {
      warn(root?.position, "it is empty: no TLS, and no password is needed")
      return
    }
    let sections = try section(
      root, "the configuration",
      ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"])
    if let node = sections["tls_server_config"] { try readTLS(node, at: now, file: file) }
    if let node = sections["http_server_config"] { try readHTTP(node) }
    if let node = sections["basic_auth_users"] { try readUsers(node) }
    if let node = sections["rate_limit"] { try readRateLimit(node) }
    for (key, _, value) in try pairs(root, "the configuration")
    where key == "basic_auth_users" && value.isNull {
      try readUsers(value)
    }
    if !config.users.isEmpty, config.tls == nil {
      warn(
        sections["basic_auth_users"]?.position,
        "without TLS, passwords can be read on the network")
    }
  }

  // MARK: What sections are made of

  func problem(_ node: YAMLNode?, _ reason: String) -> ConfigProblem {
    ConfigProblem(path: path, position: node?.position, reason: reason)
  }

  mutating func warn(_ position: TextPosition?, _ reason: String) {
    config.warnings.append(ConfigProblem(path: path, position: position, reason: reason))
  }

  /// The values of a mapping by their keys, which must be among `known`. An empty value is none.
  func section(
    _ node: YAMLNode, _ name: String, _ known: [String]
  ) throws(ConfigProblem) -> [String: YAMLNode] {
    var values: [String: YAMLNode] = [:]
    for (key, keyNode, value) in try pairs(node, name) {
      guard known.contains(key) else {
        let nearest = known.min { distance(key, $0) < distance(key, $1) }
        let advice = nearest.flatMap { distance(key, $0) <= 3 ? "; did you mean '\($0)'?" : nil }
        throw problem(keyNode, "unknown key '\(shown(key))' in \(name)\(advice ?? "")")
      }
      if !value.isNull { values[key] = value }
    }
    return values
  }

  /// The pairs of a mapping, each key once.
  func pairs(
    _ node: YAMLNode, _ name: String
  ) throws(ConfigProblem) -> [(key: String, keyNode: YAMLNode, value: YAMLNode)] {
    guard !node.isNull else { return [] }
    guard case .mapping(let pairs) = node.content else {
      throw problem(node, "\(name) must be a mapping (key: value), not \(node.kind)")
    }
    var lines: [String: Int] = [:]
    var result: [(key: String, keyNode: YAMLNode, value: YAMLNode)] = []
    for (keyNode, value) in pairs {
      guard case .scalar(let key, _) = keyNode.content else {
        throw problem(keyNode, "a key in \(name) must be a single value, not \(keyNode.kind)")
      }
      if let line = lines.updateValue(keyNode.position.line, forKey: key) {
        throw problem(keyNode, "'\(shown(key))' is given twice in \(name), first in line \(line)")
      }
      result.append((key, keyNode, value))
    }
    return result
  }

  /// The text of a single value that is not empty.
  func text(_ node: YAMLNode, _ name: String) throws(ConfigProblem) -> String {
    guard case .scalar(let text, _) = node.content else {
      throw problem(node, "\(name) must be a single value, not \(node.kind)")
    }
    guard !text.isEmpty else { throw problem(node, "\(name) is empty") }
    return text
  }

  func list(_ node: YAMLNode, _ name: String) throws(ConfigProblem) -> [YAMLNode] {
    guard case .list(let items) = node.content else {
      throw problem(node, "\(name) must be a list (- value), not \(node.kind)")
    }
    return items
  }

  /// The words that YAML 1.1 has for it, as Go's reader takes them.
  func flag(_ node: YAMLNode, _ name: String) throws(ConfigProblem) -> Bool {
    if case .scalar(let text, isPlain: true) = node.content {
      switch text {
      case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": return true
      case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N": return false
      default: break
      }
    }
    throw problem(node, "\(name) must be true or false")
  }

  /// A value out of a few.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ node: YAMLNode, _ name: String, as type: Value.Type
  ) throws(ConfigProblem) -> Value where Value.RawValue == String {
    let word = try text(node, name)
    guard let value = Value(rawValue: word) else {
      let all = Value.allCases.map(\.rawValue)
      throw problem(
        node,
        "\(name) must be \(all.dropLast().joined(separator: ", ")) or \(all.last ?? ""), "
          + "not '\(shown(word))'")
    }
    return value
  }
}

/// A word from the file as one line can have it: not too long, and with nothing that moves a cursor.
func shown(_ word: String) -> String {
  let scalars = word.unicodeScalars.prefix(60).map { scalar -> Unicode.Scalar in
    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      ? "?" : scalar
  }
  var text = ""
  text.unicodeScalars.append(contentsOf: scalars)
  return text + (word.unicodeScalars.count > 60 ? "…" : "")
}

/// How many letters have to be changed, put in or taken out to make one word of the other.
private func distance(_ one: String, _ other: String) -> Int {
  let (one, other) = (Array(one.utf8.prefix(60)), Array(other.utf8))
  var row = Array(0...other.count)
  for (place, letter) in one.enumerated() {
    var previous = row[0]
    row[0] = place + 1
    for index in other.indices {
      let change = previous + (letter == other[index] ? 0 : 1)
      previous = row[index + 1]
      row[index + 1] = min(change, row[index] + 1, row[index + 1] + 1)
    }
  }
  return row[other.count]
}
