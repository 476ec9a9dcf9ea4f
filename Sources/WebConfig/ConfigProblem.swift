/// A place in a file, counted from 1; columns are characters.
package struct TextPosition: Hashable, Sendable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    (self.line, self.column) = (line, column)
  }
}

/// What is wrong with a configuration: `web.yml:3:5: unknown key 'cert_fil' in tls_server_config`.
package struct ConfigProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  /// Nil where it is the file as a whole.
  package let position: TextPosition?
  package let reason: String

  package init(path: String, position: TextPosition?, reason: String) {
    (self.path, self.position, self.reason) = (path, position, reason)
  }

  package var description: String {
    guard let position else { return "\(path): \(reason)" }
    return "\(path):\(position.line):\(position.column): \(reason)"
  }
}
