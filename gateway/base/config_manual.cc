#include <fmt/core.h>
#include <fmt/ranges.h>

#include "gateway/base/bytes.h"
#include "gateway/base/config.h"
#include "gateway/base/config_units.h"

namespace postern {
namespace {

// Like the sources: an administrator may have both side by side.
constexpr std::size_t columns = 100;

std::string comment(std::string_view text) {
  std::string out;
  for (const auto paragraph : split(text, '\n')) {
    std::string line = "#";
    for (const auto word : split(paragraph, ' ')) {
      if (word.empty()) continue;
      if (line.size() > 1 && line.size() + 1 + word.size() > columns) {
        out += line + '\n';
        line = "#";
      }
      line += ' ';
      line += word;
    }
    out += line + '\n';
  }
  return out;
}

/// TOML wants the keys of a table before its sub-tables, whatever order describe() names them in:
/// so both are gathered apart.
class Manual final : public Keys {
 public:
  explicit Manual(std::string path = "", bool commented = false)
      : path_(std::move(path)), commented_(commented) {}

  std::string str() const { return keys_ + tables_; }

  void flag(std::string_view name, bool& value, std::string_view help) override {
    key(name, value ? "true" : "false", "True or false", help);
  }

  void integer(std::string_view name, std::int64_t& value, std::int64_t least, std::int64_t most,
               std::string_view help) override {
    key(name, spell(value), "Whole number, " + spell_bounds(least, most), help);
  }

  void real(std::string_view name, double& value, double least, double most,
            std::string_view help) override {
    key(name, spell(value), "Number, " + spell_bounds(least, most), help);
  }

  void duration(std::string_view name, milliseconds& value, milliseconds least, milliseconds most,
                std::string_view help) override {
    key(name, toml_string(spell(value)), "Duration, " + spell_bounds(least, most), help);
  }

  void size(std::string_view name, std::uint64_t& value, std::uint64_t least, std::uint64_t most,
            std::string_view help) override {
    key(name, toml_string(spell(value)), "Size, " + spell_bounds(least, most), help);
  }

  void text(std::string_view name, std::string& value, std::string_view help) override {
    key(name, toml_string(value), "Text", help);
  }

  void choice(std::string_view name, std::string& value, const std::vector<std::string>& allowed,
              std::string_view help) override {
    key(name, toml_string(value), "One of " + quoted(allowed), help);
  }

  void list(std::string_view name, std::vector<std::string>& value,
            std::string_view help) override {
    key(name, "[" + quoted(value) + "]", "List of texts", help);
  }

  void table(std::string_view name, const Describe& describe, std::string_view help) override {
    tables_ += comment(help) + fmt::format("{}[{}]\n\n", commented_ ? "# " : "", path_of(name));
    append(Manual(path_of(name), commented_), describe);
  }

  // One sample, commented out: a living [[name]] would add an element that nobody asked for.
  void tables(std::string_view name, const Describe& describe, std::string_view help) override {
    tables_ += comment(help) + comment("There may be several of these.");
    tables_ += fmt::format("# [[{}]]\n\n", path_of(name));
    append(Manual(path_of(name), true), describe);
  }

  std::string where(std::string_view) const override { return {}; }
  void problem(std::string_view, std::string) override {}

 private:
  void key(std::string_view name, const std::string& value, const std::string& kind,
           std::string_view help) {
    keys_ += comment(help) + comment(kind + ".") + fmt::format("# {} = {}\n\n", name, value);
  }

  void append(Manual inner, const Describe& describe) {
    describe(inner);
    tables_ += inner.str();
  }

  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  static std::string quoted(const std::vector<std::string>& values) {
    std::vector<std::string> out;
    for (const auto& value : values) out.push_back(toml_string(value));
    return fmt::format("{}", fmt::join(out, ", "));
  }

  std::string path_;
  bool commented_;
  std::string keys_;
  std::string tables_;
};

}  // namespace

std::string config_manual(const Keys::Describe& describe) {
  Manual manual;
  describe(manual);
  return comment("Every key with its default. Remove the # in front of what you change.") + '\n' +
         manual.str();
}

}  // namespace postern
