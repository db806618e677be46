"""DKIM in the cage: the scan worker verifies, the gateway asks unbound for the keys, the rules see the outcome."""
from harness import Gateway, case, equal, main
from harness.names import Unbound

RSA_KEY = (
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAthigHIjWGXCA7X60mEkzmrhcHrmoUgA7BIdo+q"
    "LRtCOwVItA8GpxgBLxYtjiuLxvZKSkIC9VO65wwLgTTZJhLe+Ztu/G6uXklsVX9ITUhOGvMK+FEJZ0yosnLAp+Bj00StwBf2qrFJ"
    "14n9JwQvLlM/V+RNQbbdxbTuMc4fEj/EB/MEPJhSsXX11D6kxxTHxDQVOSS/WVxcmf34b2T0ubQ3pmRiPt1H5v6lIAh6CqInFXLx"
    "lngJ594qMriOEkYbeMegDLYTdGAUfdYaviaJLHenBYyQGI9o3IidWk7d3Q0HcLFpra941Lt5gpKkBr0zuJkDvxfm2HJwzZV1IkC1"
    "TZvQIDAQAB")
ED_KEY = "v=DKIM1; k=ed25519; p=HSL20sdxfyl4ag612MkL6mCwoXOiH1sKEtLktK8UlZE="
RSA_FIELD = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=author.example; h=from:to:subject:date; s=rs"
    "a; t=1700000000; bh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bBEwD4=; b=NL9kVGy8LkrVRymEQcrRc6TJus8PkIV2"
    "ENfFEWpW+ukZwlEy8LmHW+HqZcVvgskPMiI6H2D6SYuinj7aCshcuK4KYgHayI9IFqlQ1l7PXDAwOT5I28920sJ3rOqiXU4EfQxb"
    "ZeKg1GbUeI8OQdsSCHRQSZ7DhGr/brmr3ncEciFrFNohAPB9cG3bFtIZZk8PTwZf//4Gywo5337CxqcNAdXSTK05whcHqzahp4g2"
    "wt8BLhczG6mm1TLufN3xfk+Md4WyeUB8DvD6mj10cr8wkjaZZ6B8k14/DRuAY9XGaElG5BTgzG8wN9Di9R2Jntd/PK9GVAhuLEvt"
    "fYJhZHLXhg==\r\n")
ED_FIELD = (
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=author.example; s=ed; t=1700000000;\r\n"
    "\th=from:to:subject:date;\r\n"
    "\tbh=XXtKGZZIibZ7bPZH+uf0AeImkDrW2KikixLr5bBEwD4=;\r\n"
    "\tb=qHs+NWynmbo1zvUcjzVnISsX5zrmGEylAz5fKkh5fDR6MqiIKDMtM+m5K0CnCMSI8kAogBwtPCS4MVpItXJ1Bg==\r\n")
MESSAGE = (
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
    "\r\n")

RULES = """
full   RSA_OR_ED  eval:check_dkim_valid()
score  RSA_OR_ED  1
full   SIGNED     eval:check_dkim_signed()
score  SIGNED     2
full   OF_AUTHOR  eval:check_dkim_valid_author_sig()
score  OF_AUTHOR  4
"""


def strings(record):
    return " ".join(f'"{record[at:at + 200]}"' for at in range(0, len(record), 200))


def scored(room, message):
    """The score of the message: 1 valid + 2 signed + 4 signed by its author's domain."""
    names = Unbound(room, [f"rsa._domainkey.author.example. TXT {strings(RSA_KEY)}",
                           f"ed._domainkey.author.example. TXT {strings(ED_KEY)}"], zones=["author.example"])
    rules = room.write("dkim.cf", RULES)
    gateway = Gateway(room, dns_servers=[names.server], transport_maps=["inline:{home.example=discard:}"],
                      pipeline=["dkim", "score"], filter={"dkim": {}, "score": {"rules": [str(rules)]}})
    with gateway.client() as client:
        client.ehlo()
        answer = client.send("ann@author.example", "alice@home.example", message.encode())
    equal(answer.code, 250, answer.text)
    line = gateway.wait_log(f"accepted queue={answer.text.split()[-1]}")
    return float(line.split("score=")[1].split()[0])


@case
def an_rsa_signature_verifies_in_the_cage(room):
    equal(scored(room, RSA_FIELD + MESSAGE), 1 + 2 + 4, "valid, and of the author")


@case
def an_ed25519_signature_verifies_in_the_cage(room):
    equal(scored(room, ED_FIELD + MESSAGE), 1 + 2, "valid; the rules want an RSA key of the author")


@case
def a_changed_message_is_signed_and_not_valid(room):
    equal(scored(room, RSA_FIELD + MESSAGE + "PS: buy pills\r\n"), 2, "signed")


@case
def a_key_that_is_none_kills_no_worker(room):
    broken = RSA_FIELD.replace("s=rsa;", "s=ed;")
    equal(scored(room, broken + MESSAGE), 2, "signed")


main()
