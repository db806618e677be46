// pdf_document.h — what PDFInfo.pm of SpamAssassin 4.0.1 reads of a PDF: pictures, digests,
// properties, whether it is encrypted. The file is read line by line as text; nothing is unpacked.
//
// Linear in the file; properties of at most 256 octets.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct PdfDocument {
  bool encrypted = false;
  std::size_t pictures = 0;
  double pixels = 0;
  /// "heightxwidth" of each picture and of all together, digits as written.
  std::set<std::string> sizes;
  std::string digest;                      // MD5 in capitals, of the file without a mark of UTF-8
  std::vector<std::string> fuzzy_digests;  // of its first lines, and of its tags
  /// author, creator, created, modified, producer, title.
  std::map<std::string, std::set<std::string>, std::less<>> properties;
};

/// Nothing where the mark of a PDF is not within the first 1024 octets.
std::optional<PdfDocument> read_pdf(std::string_view octets);

}  // namespace postern
