/// The five counters of `migrate_pages()`, which the sampler follows on its own clock.
package enum SampledCounter: String, CaseIterable, Sendable {
  case pagesMigrated = "pages_migrated"
  case pagesFailed = "pages_failed"
  case thpMigrated = "thp_migrated"
  case thpFailed = "thp_failed"
  case thpSplit = "thp_split"

  /// As in the names of its metrics.
  package var name: String { rawValue }

  /// The kernel's counter that is sampled.
  package var source: MigrationCounter {
    switch self {
    case .pagesMigrated: .migrateSuccess
    case .pagesFailed: .migrateFail
    case .thpMigrated: .thpMigrationSuccess
    case .thpFailed: .thpMigrationFail
    case .thpSplit: .thpMigrationSplit
    }
  }
}

/// A value for each of the five.
package struct PerSampledCounter<Value> {
  private var pagesMigrated: Value
  private var pagesFailed: Value
  private var thpMigrated: Value
  private var thpFailed: Value
  private var thpSplit: Value

  package init(_ value: (SampledCounter) throws -> Value) rethrows {
    pagesMigrated = try value(.pagesMigrated)
    pagesFailed = try value(.pagesFailed)
    thpMigrated = try value(.thpMigrated)
    thpFailed = try value(.thpFailed)
    thpSplit = try value(.thpSplit)
  }

  package subscript(_ counter: SampledCounter) -> Value {
    get {
      switch counter {
      case .pagesMigrated: pagesMigrated
      case .pagesFailed: pagesFailed
      case .thpMigrated: thpMigrated
      case .thpFailed: thpFailed
      case .thpSplit: thpSplit
      }
    }
    set {
      switch counter {
      case .pagesMigrated: pagesMigrated = newValue
      case .pagesFailed: pagesFailed = newValue
      case .thpMigrated: thpMigrated = newValue
      case .thpFailed: thpFailed = newValue
      case .thpSplit: thpSplit = newValue
      }
    }
  }
}

extension PerSampledCounter: Equatable where Value: Equatable {}
extension PerSampledCounter: Sendable where Value: Sendable {}
