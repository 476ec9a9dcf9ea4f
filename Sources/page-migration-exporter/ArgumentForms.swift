/// What a value that is not understood should have looked like, by its name in --help.
enum ArgumentForms {
  private static let forms = [
    "address": ":10057, 127.0.0.1:10057, [::1]:10057 or unix:/run/exporter.sock",
    "url": "http://host:10057", "duration": "500ms, 10s, 5m or 1h",
    "pid": "a process number such as 4711", "seconds": "seconds such as 0.5 or 10",
    "count": "a number of rows such as 60", "n": "a whole number such as 100",
  ]

  /// `message` with the form that the value should have, where that is known.
  static func completed(_ message: Substring) -> String {
    guard let found = message.firstMatch(of: /invalid for '[^<']*<([a-z]+)>'$/),
      let form = forms[String(found.1)]
    else { return String(message) }
    return "\(message): give it as \(form)"
  }
}
