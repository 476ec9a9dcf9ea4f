import Foundation
import TestSupport

/// What the program says of its own flags.
struct ProgramHelp: Decodable {
  struct Flag: Decodable {
    enum Kind: String, Decodable { case operand, option, flag, toggle }

    let kind: Kind
    let name: String
    /// Nil for a switch.
    let value: String?
    let standard: String?
    /// Nil for what is no switch with an opposite.
    let isOn: Bool?
    let help: String
    let details: String?
    private let choices: [String]

    var meaning: String {
      let oneOf = choices.isEmpty ? nil : "One of \(choices.joined(separator: ", "))."
      return [help, details, oneOf].compactMap { $0 }.joined(separator: " ")
    }

    private enum CodingKeys: String, CodingKey {
      case kind, name, value, help, details, choices
      case standard = "default"
      case isOn = "on"
    }
  }

  struct Command: Decodable {
    let name: String
    private let parameters: [Flag]

    var flags: [Flag] { parameters.filter { $0.kind != .operand } }
  }

  let commands: [Command]

  var serve: Command { commands.first { $0.name == "serve" }! }

  static func read() throws -> ProgramHelp {
    let result = try Exporter.run("help", "--json")
    return try JSONDecoder().decode(ProgramHelp.self, from: Data(result.output))
  }
}
