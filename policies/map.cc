#include "policies/map.h"

#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "policies/cidr_map.h"
#include "policies/lmdb_map.h"
#include "policies/map_source.h"
#include "policies/pattern_map.h"
#include "policies/text_map.h"

namespace postern {
namespace {

using Opened = Result<std::shared_ptr<const Map>>;

class StaticMap final : public Map {
 public:
  StaticMap(std::string name, std::string value) : Map(std::move(name)), value_(std::move(value)) {}
  Found find(std::string_view) const override { return value_; }
  bool searches_whole_key() const override { return true; }
  std::size_t size() const override { return 1; }
  void each_value(const Visit& visit) const override { visit(name(), value_); }

 private:
  std::string value_;
};

class FailingMap final : public Map {
 public:
  using Map::Map;
  Found find(std::string_view) const override {
    return fail(std::errc::resource_unavailable_try_again, name() + ": fails by configuration");
  }
  bool searches_whole_key() const override { return true; }
  std::size_t size() const override { return 0; }
};

struct Request {
  std::string name;      // the whole specification
  std::string argument;  // behind the colon
  std::vector<Problem>& problems;
};

Opened open_text(const Request& request) {
  TRY(const auto source, read_source(request.argument));
  return parse_text_map(source, request.name, request.argument, request.problems);
}

Opened open_inline(const Request& request) {
  return parse_inline_map(request.argument, request.name);
}

Opened open_patterns(const Request& request, PatternDialect dialect) {
  TRY(const auto source, read_source(request.argument));
  return parse_pattern_map(source, dialect, {request.name, request.argument}, request.problems);
}

Opened open_regexp(const Request& request) {
  return open_patterns(request, PatternDialect::regexp);
}

Opened open_pcre(const Request& request) { return open_patterns(request, PatternDialect::pcre); }

Opened open_cidr(const Request& request) {
  TRY(const auto source, read_source(request.argument));
  return parse_cidr_map(source, request.name, request.argument, request.problems);
}

Opened open_lmdb(const Request& request) { return open_lmdb_map(request.argument, request.name); }

Opened open_static(const Request& request) {
  std::string_view value = trim(request.argument);
  if (value.starts_with('{') && value.ends_with('}') && value.size() >= 2) {
    value = trim(value.substr(1, value.size() - 2));
  }
  return std::make_shared<StaticMap>(request.name, std::string(value));
}

Opened open_fail(const Request& request) { return std::make_shared<FailingMap>(request.name); }

struct MapType {
  std::string_view name;
  Opened (*open)(const Request&);
};

constexpr std::array<MapType, 9> map_types = {{{"hash", open_text},
                                               {"texthash", open_text},
                                               {"lmdb", open_lmdb},
                                               {"regexp", open_regexp},
                                               {"pcre", open_pcre},
                                               {"cidr", open_cidr},
                                               {"inline", open_inline},
                                               {"static", open_static},
                                               {"fail", open_fail}}};

const MapType* find_type(std::string_view name) {
  const auto found = std::find_if(map_types.begin(), map_types.end(),
                                  [name](const MapType& type) { return type.name == name; });
  return found == map_types.end() ? nullptr : found;
}

struct Remedy {
  std::string_view type;
  std::string_view advice;
};

// Types that an existing Postfix configuration may name, with the way out.
constexpr std::array<Remedy, 9> foreign_types = {{
    {"btree", "use hash: with the text file it was made from"},
    {"cdb", "use hash: with the text file it was made from, or lmdb:"},
    {"dbm", "use hash: with the text file it was made from, or lmdb:"},
    {"sdbm", "use hash: with the text file it was made from, or lmdb:"},
    {"proxy", "leave out \"proxy:\": one process holds the table here"},
    {"unionmap", "name the maps one by one in the list"},
    {"pipemap", "name the maps one by one in the list"},
    {"ldap", "export the entries to a text file for hash:, or to lmdb:"},
    {"mysql", "export the entries to a text file for hash:, or to lmdb:"},
}};

std::string unknown_type(std::string_view type) {
  std::string message = "map type \"" + printable(type) + ":\" is not known; ";
  for (const Remedy& remedy : foreign_types) {
    if (remedy.type == type) return message.append(remedy.advice);
  }
  std::vector<std::string> known;
  for (const MapType& candidate : map_types) known.emplace_back(candidate.name);
  if (const auto meant = nearest(type, known)) return message + "did you mean \"" + *meant + ":\"?";
  message += "there are";
  for (const std::string& name : known) message += " " + name + ":";
  return message;
}

}  // namespace

Opened open_map(std::string_view specification, std::vector<Problem>& problems) {
  specification = trim(specification);
  const std::size_t colon = specification.find(':');
  if (colon == std::string_view::npos) {
    return fail(std::errc::invalid_argument, "\"" + printable(specification) +
                                                 "\" is not a map: write it as type:argument, " +
                                                 "such as hash:/etc/postern/access");
  }
  const std::string_view type = specification.substr(0, colon);
  const MapType* known = find_type(type);
  if (known == nullptr) return fail(std::errc::invalid_argument, unknown_type(type));
  const std::string_view argument = specification.substr(colon + 1);
  if (argument.empty()) {
    return fail(std::errc::invalid_argument,
                "map \"" + std::string(specification) + "\" names nothing behind its colon");
  }
  return known->open({std::string(specification), std::string(argument), problems});
}

bool is_map_specification(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && find_type(text.substr(0, colon)) != nullptr;
}

MapList MapList::open(const ConfiguredList& specifications, std::vector<Problem>& problems) {
  MapList list;
  for (const std::string& specification : specifications.entries) {
    if (auto map = open_map(specification, problems)) {
      list.maps_.push_back(std::move(*map));
    } else {
      problems.push_back({specifications.where, map.error().what});
    }
  }
  return list;
}

Result<std::optional<MapMatch>> MapList::find(std::span<const LookupKey> keys) const {
  for (const LookupKey& key : keys) {
    for (const auto& map : maps_) {
      if (key.partial && map->searches_whole_key()) continue;
      TRY(auto value, map->find(key.text));
      if (value) return MapMatch{std::move(*value), key.text, map->name()};
    }
  }
  return std::nullopt;
}

Result<std::optional<MapMatch>> MapList::find(std::string_view key) const {
  const LookupKey whole{std::string(key), false};
  return find(std::span(&whole, 1));
}

}  // namespace postern
