// claims.h — what we say of ourselves when a rule file asks: plugins, features and eval functions.
//
// The names are SpamAssassin 4.0.1's. A plugin is claimed where its rules load and do here what
// they do there (those that ask the network count as 0 in local mode, there as here); a feature is
// claimed with its plugin. claims.cc holds the one table of each.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace postern {

/// What conditions are answered from, beside the tables. Grows while files are read.
struct ConditionFacts {
  bool local_only = true;  // no rule may ask the network
  /// Names given to enable_compat.
  std::set<std::string, std::less<>> compatibilities;
  /// Of the plugins that are when_loaded, those with a loadplugin line; without the prefix.
  std::set<std::string, std::less<>> loaded;
};

/// not_here: SpamAssassin has it and we do not. when_loaded: off until a loadplugin line, since it
/// changes what others do, or costs time.
enum class PluginClaim { unknown, not_here, when_loaded, here };

/// "Mail::SpamAssassin::Plugin::Check", or its older name.
PluginClaim plugin_claim(std::string_view name);
bool implements_plugin(std::string_view name, const ConditionFacts& facts);
/// loadplugin of one that is when_loaded; false for all others.
bool load_claimed_plugin(std::string_view name, ConditionFacts& facts);
/// What can() and has() ask for: "Module::name".
bool implements_feature(std::string_view name, const ConditionFacts& facts);

enum class EvalType { any, header, body, full };
struct EvalClaim {
  std::string_view plugin;  // without "Mail::SpamAssassin::Plugin::"
  EvalType type = EvalType::any;
};
/// Which plugin of SpamAssassin's has this eval function.
std::optional<EvalClaim> eval_claim(std::string_view function);

}  // namespace postern
