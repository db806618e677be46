// dkim_vectors.h — signed messages with their keys. Made once: the RSA ones by Perl's Mail::DKIM,
// the Ed25519 ones by openssl over a canonical form worked out by hand. All are of the second
// 1700000000.
#pragma once

#include <string>

namespace postern::test::vectors {

inline const std::string rsa_key =
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAthigHIjWGXCA7X60mE"
    "kzmrhcHrmoUgA7BIdo+qLRtCOwVItA8GpxgBLxYtjiuLxvZKSkIC9VO65wwLgTTZJhLe+Ztu/G6uXkls"
    "VX9ITUhOGvMK+FEJZ0yosnLAp+Bj00StwBf2qrFJ14n9JwQvLlM/V+RNQbbdxbTuMc4fEj/EB/MEPJhS"
    "sXX11D6kxxTHxDQVOSS/WVxcmf34b2T0ubQ3pmRiPt1H5v6lIAh6CqInFXLxlngJ594qMriOEkYbeMeg"
    "DLYTdGAUfdYaviaJLHenBYyQGI9o3IidWk7d3Q0HcLFpra941Lt5gpKkBr0zuJkDvxfm2HJwzZV1IkC1"
    "TZvQIDAQAB";

inline const std::string weak_key =
    "v=DKIM1; k=rsa; p=MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAMQ5BhqdXtrI7ADfGpoSTEeVGMf9Tu"
    "JopGDXkJivMI4uNESaRX+voOGNb4ga966fyNiO8wKNDe4FM3YGTB8oyiHJ9F4CBWVVBrKGlEJVG6/Vqf"
    "DaH9iG06g42AXbXTIT5QIDAQAB";

inline const std::string ed_key =
    "v=DKIM1; k=ed25519; p=HSL20sdxfyl4ag612MkL6mCwoXOiH1sKEtLktK8UlZE=";

/// c=relaxed/relaxed
inline const std::string relaxed =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=author.example; h=from:t"
    "o:subject:date; s=rsa; t=1700000000; bh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bBE"
    "wD4=; b=NL9kVGy8LkrVRymEQcrRc6TJus8PkIV2ENfFEWpW+ukZwlEy8LmHW+HqZcVvgskPMiI6H2D6"
    "SYuinj7aCshcuK4KYgHayI9IFqlQ1l7PXDAwOT5I28920sJ3rOqiXU4EfQxbZeKg1GbUeI8OQdsSCHRQ"
    "SZ7DhGr/brmr3ncEciFrFNohAPB9cG3bFtIZZk8PTwZf//4Gywo5337CxqcNAdXSTK05whcHqzahp4g2"
    "wt8BLhczG6mm1TLufN3xfk+Md4WyeUB8DvD6mj10cr8wkjaZZ6B8k14/DRuAY9XGaElG5BTgzG8wN9Di"
    "9R2Jntd/PK9GVAhuLEvtfYJhZHLXhg==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// c=simple/simple
inline const std::string simple =
    "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=author.example; h=from:to:"
    "subject:date; s=rsa; t=1700000000; bh=zh7fK14csJTEj3AD33KUP9CM+yCQ7lwa/SfMV+cx6X"
    "Y=; b=HFdAadAQLrLIRYsLiBlEey9BINZ2Qsd/9hIZr/EqAjIXt37h84wlqdyy2vSgQoGVwkLIbgD9Q+"
    "knPXRElqBeS1JYSXAWRDJjpF8uGZhuM/vyR3kOhSSppK2nREo9A9ShkmbIvWc4OGxThc5RWxKNR3B8Tz"
    "t2LkBepkFSkXxR/3GB2gRqqfJOISBvfifdnIcpXOuJxQdNE1ZJAJeq2I0TJBSHJvMWvzpCJStMVGl7dY"
    "ERWD1XlU0lBwWtJIDGMt37b9nD5pMYfX/Y74VvK9b003NW+oxC7sVU97PKLi+FAg8Dj1GHMhjRUbnYBz"
    "N5BehgnbLvMGrO/4ssqLdFudU9zg==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// c=relaxed/simple, with names in h= that are not there
inline const std::string mixed =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=author.example; h=from:fr"
    "om:to:subject:subject:date:cc; s=rsa; t=1700000000; bh=zh7fK14csJTEj3AD33KUP9CM+"
    "yCQ7lwa/SfMV+cx6XY=; b=te2vjHiCQdLLmvNprAleoAYAV/jAAuJlu+wb4Vr4mbVlT/iLEXlHQw47y"
    "UUUDeflb4kyouCFx1Li6ccW1WDPg7dtaguqSRLm+Z/HPGbRnaPEoRRBLrhEaDr++uGKI83N5E847BCYu"
    "Q5snrJac2fgytG4NUumsVb/9RGkRXoXkWMCD01o94opJnFo9KuTf82z6cwB7H8bnMvRx1qagX99wnenu"
    "DvX82SiepYYirGvrAIJTXIgH3dbplw/h6wKr/Y1YqJwEadcEAuXAmfn7cxIe0EXTU6bEFaN1hgm1Z3fz"
    "wkfG+jLX2Qc5oxR9/dvlZVjdTE2e8blDKg/HjU2U9t4eQ==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// c=simple/relaxed, x=1700086400
inline const std::string expiring =
    "DKIM-Signature: v=1; a=rsa-sha256; c=simple/relaxed; d=author.example; h=from:to"
    ":subject:date; s=rsa; t=1700000000; x=1700086400; bh=XXtKGZZIibZ7bPZH+uf0AeImkDr"
    "W2KikixLr5bBEwD4=; b=i/u/m4hJ/fPa/VCzaaxE8B0cnwfmOhYKfAWVtbITZjbnItRNwGu6AwKtlt4"
    "5l+SvmYYxHMxJS72uKHwBCiVqJCz0JLJZgsmUiLQkx91awKSqxHik81nsbuKTxgPpwWPHEAa70CSga6N"
    "fonRzX/Ai3fgCqQ+MjUyiH3RW82zftAdA7kLVqEVWjFdQ5CnyoRTbqIFyLiG65UKaczmapmBljjbQz9t"
    "yp2RtB6CAV1PG6EdBPlrsaZYLWLyyKCo/0VDnUx4nhLjb2IXLg5car5e+o/1M/DpT8MlfhO7k1ktMGvF"
    "JplR5bUk2zlYQql7p/xCIcbiNS7zFztEq6qgMEkYkQw==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// a key of 768 bits
inline const std::string weak =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=author.example; h=from:t"
    "o:subject:date; s=weak; t=1700000000; bh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bB"
    "EwD4=; b=DaVwc5ysNgZE930yYxL3GiPhwEBwQwNYOSZOg9ahRZjUCb3rgArMtQB5H27kLo6hcq7ZmEI"
    "v/NCA9NtXznRaOYSv1AdaphnJxyupmfTWfoz3Aul5NpmLEjLW3y/eT+9D\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

inline const std::string ed25519 =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=author.example; s=ed"
    "; t=1700000000;\r\n"
    "\th=from:to:subject:date;\r\n"
    "\tbh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bBEwD4=;\r\n"
    "\tb=qHs+NWynmbo1zvUcjzVnISsX5zrmGEylAz5fKkh5fDR6MqiIKDMtM+m5K0CnCMSI8kAogBwtPCS4"
    "MVpItXJ1Bg==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// l=11: "Dear Bob,\r\n" alone
inline const std::string partial =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=author.example; s=ed"
    "; t=1700000000;\r\n"
    "\th=from:to:subject:date; l=11;\r\n"
    "\tbh=fuGt3h4FI7RWiydoXihbQ68I7Bsc4G0O9jPsdK0YWW0=;\r\n"
    "\tb=pnKRrpItpbFNzun+kGd/Bmlh35fbG+eqn7euS2DuF40A597pqBbxEN2M1W219HNqrcK1D+iz21Fr"
    "kQnbgFc9CQ==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// i= of a name below d=
inline const std::string below =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=author.example; s=ed"
    "; t=1700000000;\r\n"
    "\th=from:to:subject:date; i=ann@news.author.example;\r\n"
    "\tbh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bBEwD4=;\r\n"
    "\tb=9QYERPx/a0Hr07ieD0cTPduTqPTxkN6Ft4vxAKYFZ6opk/it1vFZV9yc6UMC/mVuNkjv57IKUKh/"
    "anAoS7/hAQ==\r\n"
    "Received: from away.example by mx.example\r\n"
    "From: Ann Author <ann@author.example>\r\n"
    "To:  Bob   Reader\r\n"
    "\t<bob@reader.example>\r\n"
    "Subject: Minutes of   Monday \r\n"
    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <1@author.example>\r\n"
    "\r\n"
    "Dear Bob,\r\n"
    "\r\n"
    "the  minutes\tare  below. \r\n"
    "\r\n"
    "  Ann\r\n"
    "\r\n"
    "\r\n";

/// Of the b= of `ed25519`.
inline const std::string ed25519_beginning = "qHs+NWyn";

}  // namespace postern::test::vectors
