import Foundation
import TestSupport

/// What the program says of its own flags.
struct ProgramHelp {
  struct Flag {
    let name: String
    /// Nil for a switch.
    let valueName: String?
    let defaultValue: String
    let meaning: String

    /// The flag that turns it off, where it is a switch that has one.
    var opposite: String { "--no-\(name.dropFirst(2))" }
  }

  struct Command {
    let name: String
    let flags: [Flag]
  }

  let commands: [Command]

  var serve: Command { commands.first { $0.name == "serve" }! }

  static func read() throws -> ProgramHelp {
    let result = try Exporter.run("--experimental-dump-help")
    let dump = try JSONDecoder().decode(Dump.self, from: Data(result.output))
    return ProgramHelp(
      commands: (dump.command.subcommands ?? []).filter { $0.commandName != "help" }.map {
        Command(name: $0.commandName, flags: ($0.arguments ?? []).compactMap(flag))
      })
  }

  /// Nil for what is no flag of its own, or one that every command has.
  private static func flag(_ argument: Dump.Argument) -> Flag? {
    guard argument.kind != "positional", let name = argument.preferredName?.name,
      !["help", "version"].contains(name)
    else { return nil }
    let meaning = [argument.abstract, argument.discussion].compactMap { $0 }.joined(separator: " ")
    return Flag(
      name: "--\(name)", valueName: argument.kind == "option" ? argument.valueName : nil,
      defaultValue: argument.defaultValue ?? "", meaning: meaning)
  }

  private struct Dump: Decodable {
    let command: Command

    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }

    struct Argument: Decodable {
      let kind: String
      let abstract: String?
      let discussion: String?
      let defaultValue: String?
      let valueName: String?
      let preferredName: Name?
    }

    struct Name: Decodable { let name: String }
  }
}
