public import ArgumentParser
internal import System

// No other module of this program could make the same conformance.
// swift-format-ignore: AvoidRetroactiveConformances
/// A length of time as Prometheus spells it: `100ms`, `1s`, `5m` or `0`.
extension Duration: @retroactive ExpressibleByArgument {
  public init?(argument: String) { self.init(spelled: argument) }

  public var defaultValueDescription: String { spelled }
}
