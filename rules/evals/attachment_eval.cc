// attachment_eval.cc — functions of AntiVirus.pm (SpamAssassin 4.0.1): attachments that a reader's
// machine would run, and names that do not fit their type. No virus is looked for.
#include <algorithm>
#include <array>

#include "gateway/base/bytes.h"
#include "rules/evals/binding.h"
#include "rules/evals/tables.h"
#include "rules/parts/content_type.h"

namespace postern {
namespace {

// "scr?" is a name, too.
constexpr std::string_view runnable =
    "ade adp asx bas bat chm cmd com cpl crt dll exe hlp hta inf ins isp js jse lnk mda mdb mde "
    "mdt "
    "mdw mdz msc msi msp mst nws ops pcd pif prf reg scf scr scr? sct shb shs shm swf url vb vbe "
    "vbs "
    "vbx vxd wsc wsf wsh";

/// Endings of names, and the types that fit: by their beginning, their end, or both.
struct FittingTypes {
  std::string_view endings;
  std::string_view starts;
  std::string_view ends = {};
};
constexpr std::array fitting{
    FittingTypes{"txt htm html phtm phtml xhtm xhtml xml",
                 "text/plain text/htm text/phtm text/xhtm text/english text/sgml text/xml "
                 "text/enriched text/richtext message/external-body"},
    FittingTypes{"jpg jpeg tif tiff gif png", "image/ application/mac-binhex"},
    FittingTypes{"vcf", "text/vcard", "text/vcard"},
    FittingTypes{"bat com exe pif scr swf vbs", "application/"},
    FittingTypes{"doc", "application/", "word"},
    FittingTypes{"ppt", "application/", "powerpoint ppt"},
    FittingTypes{"xls", "application/", "excel"},
};

bool has_word(std::string_view list, std::string_view word) {
  const auto all = words(list);
  return std::ranges::find(all, word) != all.end();
}

bool fits(const FittingTypes& types, std::string_view type) {
  const auto starts = words(types.starts);
  const auto ends = words(types.ends);
  return std::ranges::any_of(starts, [type](auto start) { return type.starts_with(start); }) &&
         (ends.empty() ||
          std::ranges::any_of(ends, [type](auto end) { return type.ends_with(end); }));
}

/// "x-" and "vnd." in front of a subtype say nothing.
std::string plain_type(std::string type) {
  for (auto at = type.find('/'); at != std::string::npos; at = type.find('/', at + 1)) {
    for (const std::string_view prefix : {"x-", "vnd."}) {
      if (std::string_view(type).substr(at + 1).starts_with(prefix))
        return type.erase(at + 1, prefix.size());
    }
  }
  return type;
}

/// The head of a program for DOS or Windows ("MZ…") in base64.
bool starts_as_program(std::string_view line) {
  const auto one_of = [line](std::size_t at, std::string_view set) {
    return set.find(line[at]) != std::string_view::npos;
  };
  return line.size() >= 13 && line.starts_with("TV") && one_of(2, "opqr") && line[4] == 'A' &&
         one_of(7, "AB") && one_of(9, "AQgw") && one_of(10, "ABCDEFGH") && line[12] == 'A';
}

/// The same in uuencode's characters.
bool is_uuencoded_program(std::string_view line) {
  constexpr std::size_t head = 10;
  return line.size() > head && line.starts_with("M35") && line[3] >= 'G' && line[3] <= 'K' &&
         line[5] == '`' && line[8] == '`' &&
         line.substr(head).find("````") != std::string_view::npos;
}

bool has_uuencoded_program(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (is_uuencoded_program(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

class AttachmentNames {
 public:
  explicit AttachmentNames(ScannedMessage& message) {
    for (const auto i : message.parts().leaves()) look_at(message.parts().all()[i]);
  }
  bool program = false;
  bool odd_name = false;

 private:
  void look_at(const Part& part) {
    const auto field = part.field("content-type");
    const auto content =
        parse_content_type(field ? std::optional<std::string_view>(*field) : std::nullopt);
    const auto name = to_lower(content.name);
    const auto type = to_lower(content.type);
    const auto dot = name.rfind('.');
    const auto encoding = to_lower(part.field("content-transfer-encoding").value_or(""));
    if (dot != std::string::npos && has_word(runnable, std::string_view(name).substr(dot + 1))) {
      program = true;
    } else if (encoding.contains("base64") &&
               starts_as_program(part.raw.substr(0, part.raw.find('\n')))) {
      program = true;
    } else if (type.starts_with("text") && (type.size() == 4 || !is_word(type[4]))) {
      program = program || has_uuencoded_program(part.raw);
    }
    if (name.empty() || type == "application/octet-stream") return;
    const auto ending = std::string_view(name).substr(dot == std::string::npos ? 0 : dot + 1);
    for (const auto& types : fitting) {
      if (has_word(types.endings, ending) && !fits(types, plain_type(type))) odd_name = true;
    }
  }

  static bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }
};

double check_microsoft_executable(ScannedMessage& message) {
  return message.memo<AttachmentNames>().program ? 1 : 0;
}
double check_suspect_name(ScannedMessage& message) {
  return message.memo<AttachmentNames>().odd_name ? 1 : 0;
}

constexpr std::array functions{
    EvalFunction{"check_microsoft_executable", bind_plain<check_microsoft_executable>},
    EvalFunction{"check_suspect_name", bind_plain<check_suspect_name>},
};

}  // namespace

EvalTable attachment_evals() { return functions; }

}  // namespace postern
