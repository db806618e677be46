// tables.h — the table of functions that each file of this folder offers.
#pragma once

#include "rules/evals/eval.h"

namespace postern {

EvalTable header_field_evals();    // HeaderEval: what one or two fields look like
EvalTable header_date_evals();     // HeaderEval: dates
EvalTable header_forgery_evals();  // HeaderEval: fields that a provider's mail would have
EvalTable header_people_evals();   // HeaderEval: senders and recipients
EvalTable list_evals();            // WLBLEval, without hosts in URIs
EvalTable subject_list_evals();    // WelcomeListSubject
EvalTable freemail_evals();        // FreeMail
EvalTable uri_evals();             // URIEval
EvalTable uri_host_evals();        // WLBLEval: hosts in URIs
EvalTable https_mismatch_evals();  // HTTPSMismatch
EvalTable relay_evals();           // RelayEval
EvalTable vbounce_evals();         // VBounce
EvalTable bayes_evals();           // Bayes
EvalTable authentication_evals();  // SPF, DMARC
EvalTable signature_evals();       // DKIM, ARC
EvalTable mime_evals();            // MIMEEval
EvalTable capitals_evals();        // MIMEEval: check_for_uppercase
EvalTable image_evals();           // ImageInfo
EvalTable html_evals();            // HTMLEval
EvalTable body_evals();            // BodyEval
EvalTable shortcircuit_evals();    // Shortcircuit
EvalTable language_evals();        // TextCat
EvalTable attachment_evals();      // AntiVirus
EvalTable name_spoof_evals();      // FromNameSpoof
EvalTable pdf_evals();             // PDFInfo

}  // namespace postern
