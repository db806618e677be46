// settings.h — all that rule files set beside rules, put together.
//
// Filled while files are read, then const and shared by all who scan, like the rules themselves.
#pragma once

#include "rules/bayes/bayes_settings.h"
#include "rules/evals/authentication_settings.h"
#include "rules/evals/bounce_settings.h"
#include "rules/evals/freemail_settings.h"
#include "rules/evals/list_settings.h"
#include "rules/evals/spoof_settings.h"
#include "rules/evals/uri_host_lists.h"
#include "rules/headers/network_settings.h"
#include "rules/language/report_settings.h"
#include "rules/network/lookup_settings.h"
#include "rules/ngrams/language_settings.h"
#include "rules/parts/text_settings.h"
#include "rules/uris/domain_settings.h"

namespace postern {

struct RuleSettings {
  NetworkSettings networks;
  TextSettings text;
  DomainSettings domains;
  ListSettings lists;
  UriHostLists uri_hosts;
  FreemailSettings freemail;
  BounceSettings bounces;
  AuthenticationSettings authentication;
  LookupSettings lookups;
  LanguageSettings languages;
  SpoofSettings spoofs;
  BayesSettings bayes;
  ReportSettings report;
};

}  // namespace postern
