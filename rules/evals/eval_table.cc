#include "rules/evals/eval.h"
#include "rules/evals/tables.h"

namespace postern {
namespace {

// One line a plugin: its table, under the name of its file.
std::vector<EvalTable> tables() {
  return {
      bayes_evals(),
      // One a line, so that work on several of them merges.
      // clang-format off
      attachment_evals(),
      authentication_evals(),
      body_evals(),
      capitals_evals(),
      freemail_evals(),
      header_date_evals(),
      header_field_evals(),
      header_forgery_evals(),
      header_people_evals(),
      html_evals(),
      https_mismatch_evals(),
      image_evals(),
      language_evals(),
      list_evals(),
      mime_evals(),
      name_spoof_evals(),
      pdf_evals(),
      relay_evals(),
      shortcircuit_evals(),
      signature_evals(),
      subject_list_evals(),
      uri_evals(),
      uri_host_evals(),
      vbounce_evals(),
      // clang-format on
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
