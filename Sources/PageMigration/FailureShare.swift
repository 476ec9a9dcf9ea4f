/// The failed part of all pages tried, 0 to 1. Nil where nothing was tried or a number is not known.
/// Totals and rates go by the same rule.
package func failureShare(migrated: Double?, failed: Double?) -> Double? {
  guard let migrated, let failed, migrated + failed > 0 else { return nil }
  return failed / (migrated + failed)
}

/// THPs that were neither moved whole nor split, as a total or a rate. Nil where a number or the
/// kernel's rule is not known.
///
/// The kernel counts while it is read, so that for a moment more may be split than failed.
///
/// - Parameter includesSplit: whether the failed ones include those that were split
///   (``KernelRelease/thpFailedIncludesSplit``).
package func lostTHPs(failed: Double?, split: Double?, includesSplit: Bool?) -> Double? {
  guard let failed, let split, let includesSplit else { return nil }
  return includesSplit ? max(0, failed - split) : failed
}
