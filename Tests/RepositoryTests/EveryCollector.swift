import Collectors
import KernelText
import MigrationReasons
import PageMigration

/// Every collector that there is, those that are off by default among them, in the order of the
/// exposition. A test sees to it that none is forgotten here.
func everyCollector() -> [any Collector] {
  let paths = KernelPaths()
  return [
    VmstatCollector(paths), NodeCollector(paths), SettingsCollector(paths),
    CMACollector(paths), MTHPCollector(paths), DAMONCollector(paths),
    CgroupCollector(paths, CgroupSelection()) { _ in },
    RatesCollector(Sampler(vmstat: "/proc/vmstat", interval: .seconds(1))),
    ReasonsCollector(.failure(.notBuilt)), CausesCollector(.failure(.notBuilt)),
    WaitsCollector(.failure(.notBuilt)), DeviceCollector(.failure(.notBuilt)),
    ProcessCollector(),
  ]
}
