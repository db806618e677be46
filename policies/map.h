// map.h — lookup tables: a key goes in; a value, nothing, or an error comes out.
//
// The third answer is the point: a table that cannot be asked is never "not found", or an outage
// of a table would reject mail for good. Whoever gets an error answers 4yz.
//
//   hash:PATH texthash:PATH   the text file PATH (what postmap reads, not PATH.db), held in memory;
//                             keys compare without regard to case (ASCII)
//   lmdb:PATH                 PATH.lmdb or PATH, as postmap writes it; asked on disk
//   regexp:PATH pcre:PATH     /pattern/flags result; both through PCRE2 (pattern_map.h)
//   cidr:PATH                 network result, the first that contains the key
//   inline:{k=v, {k = v w}}   the table in the configuration itself
//   static:VALUE              VALUE for every key
//   fail:TEXT                 an error for every key, for trying out what an outage does
//
// Maps are immutable once opened and may be asked by several threads at once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/config.h"
#include "gateway/base/result.h"
#include "policies/configured.h"

namespace postern {

class Map {
 public:
  using Found = Result<std::optional<std::string>>;
  using Visit = std::function<void(const std::string& where, std::string_view value)>;

  explicit Map(std::string name) : name_(std::move(name)) {}
  virtual ~Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;

  /// The value, nothing where no entry matches, or an error where the table cannot answer.
  virtual Found find(std::string_view key) const = 0;

  /// True for pattern-like tables: they see the whole address or name once, and are not asked
  /// again for its parts (its domain, its parent domains, ...).
  virtual bool searches_whole_key() const = 0;

  /// The number of entries.
  virtual std::size_t size() const = 0;

  /// Visits the values with "file:line", so that a component can refuse a bad one when the
  /// configuration is loaded. Left out: results that depend on the key ($1), and lmdb.
  virtual void each_value(const Visit&) const {}

  /// As configured: "hash:/etc/postern/access".
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// Opens "type:argument". Bad lines are added to `problems` with "file:line", cause and remedy, and
/// the others load: who gets problems refuses the configuration as a whole. An error is returned
/// where there is no table at all: unknown type, unreadable file.
Result<std::shared_ptr<const Map>> open_map(std::string_view specification,
                                            std::vector<Problem>& problems);

/// Whether `text` starts with the name of a map type known here, and a colon.
bool is_map_specification(std::string_view text);

/// A key to try. A partial key (a domain for an address) is not shown to whole-key maps.
struct LookupKey {
  std::string text;
  bool partial = false;
};
using LookupKeys = std::vector<LookupKey>;

struct MapMatch {
  std::string value;
  std::string key;  // the one of the keys that matched
  std::string map;  // the name of the map, for the log
};

/// Several maps, searched in order (the *_maps settings).
class MapList {
 public:
  MapList() = default;
  explicit MapList(std::vector<std::shared_ptr<const Map>> maps) : maps_(std::move(maps)) {}
  /// One map per entry. What cannot be opened becomes a problem at the list's place.
  static MapList open(const ConfiguredList& specifications, std::vector<Problem>& problems);

  /// For each key in turn the maps in turn: the first match, or the first error before it.
  Result<std::optional<MapMatch>> find(std::span<const LookupKey> keys) const;
  Result<std::optional<MapMatch>> find(std::string_view key) const;

  std::span<const std::shared_ptr<const Map>> maps() const { return maps_; }
  bool empty() const { return maps_.empty(); }

 private:
  std::vector<std::shared_ptr<const Map>> maps_;
};

}  // namespace postern
