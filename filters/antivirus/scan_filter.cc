#include "filters/antivirus/scan_filter.h"

#include <utility>

namespace postern {
namespace {

class ScanFilter final : public Filter {
 public:
  ScanFilter(const AntivirusSettings& settings, Scanner& scanner)
      : settings_(settings), scanner_(scanner) {}

  Task<Answer> on_message(Context context, Message message) override {
    const ScanReport report = scanner_.scan(*message.content, context.deadline);
    co_return answer_to(report, settings_);
  }

 private:
  const AntivirusSettings& settings_;
  Scanner& scanner_;
};

class ScanFactory final : public FilterFactory {
 public:
  ScanFactory(AntivirusSettings settings, Scanner& scanner)
      : settings_(std::move(settings)), scanner_(scanner) {}
  std::unique_ptr<Filter> make() const override {
    return std::make_unique<ScanFilter>(settings_, scanner_);
  }
  bool answers(Stage stage) const override { return stage == Stage::message; }

 private:
  AntivirusSettings settings_;
  Scanner& scanner_;
};

}  // namespace

std::shared_ptr<const FilterFactory> scanning_factory(const AntivirusSettings& settings,
                                                      Scanner& scanner) {
  return std::make_shared<ScanFactory>(settings, scanner);
}

}  // namespace postern
