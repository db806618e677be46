#include "rules/evals/eval.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

// One line a plugin: its table, under the name of its file.
std::vector<EvalTable> tables() {
  return {
      uri_evals(),
      uri_host_evals(),
      https_mismatch_evals(),
      relay_evals(),
      vbounce_evals(),
  };
}

}  // namespace

const EvalFunction* find_eval(std::string_view name) {
  for (const auto table : tables()) {
    for (const auto& function : table) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

std::vector<std::string> eval_names() {
  std::vector<std::string> names;
  for (const auto table : tables()) {
    for (const auto& function : table) names.emplace_back(function.name);
  }
  return names;
}

}  // namespace postern
