#define BOOST_TEST_DYN_LINK
#include "policies/storm_watch.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>

using namespace postern;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const SteadyTime start = SteadyTime() + hours(1);

/// Time, and mail that goes by.
struct Weather {
  StormWatch watch{StormSettings{}, start};
  SteadyTime now = start;
  std::mt19937_64 random{11};
  std::vector<StormAlarm> alarms;

  std::string one_of(const char* kind, std::uint64_t many) {
    // A few are much busier than the others, as in life.
    const std::uint64_t a = random() % many + 1, b = random() % many + 1;
    return kind + std::to_string(std::min(a, b));
  }
  /// Ordinary mail: `rate` a minute, of which one in fifty fails, for that long.
  void ordinary(int rate, milliseconds time, const std::function<void()>& meanwhile = {}) {
    for (const SteadyTime end = now + time; now < end; now += seconds(10)) {
      for (int i = 0; i < rate / 6; ++i) {
        const std::string client = one_of("192.0.2.", 200), sender = one_of("s@d", 5000),
                          destination = one_of("d", 500);
        const StormWatch::Seen mail{client, sender, destination};
        watch.arrived(mail, now);
        if (random() % 50 == 0) watch.deferred(mail, now);
        if (random() % 100 == 0) watch.bounced(mail, now);
      }
      if (meanwhile) meanwhile();
      if (const auto alarm = watch.tick(now)) alarms.push_back(*alarm);
    }
  }
  void failing(int count, const std::function<StormWatch::Seen()>& next) {
    for (int i = 0; i < count; ++i) {
      const StormWatch::Seen mail = next();
      watch.arrived(mail, now);
      watch.deferred(mail, now);
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(storm_watch)

BOOST_AUTO_TEST_CASE(a_day_of_ordinary_mail_raises_nothing) {
  Weather weather;

  weather.ordinary(3000, hours(6));

  BOOST_TEST(weather.alarms.empty());
  const auto rates = weather.watch.rates(weather.now);
  BOOST_TEST(rates.arrived == 3000, boost::test_tools::tolerance(0.2));
  BOOST_TEST(rates.deferred == 60, boost::test_tools::tolerance(0.5));
}

BOOST_AUTO_TEST_CASE(a_bot_among_many_clients_is_named_with_its_part_once_a_storm) {
  Weather weather;
  weather.ordinary(1200, hours(2));
  std::string sender, destination;
  const auto bot = [&] {
    sender = "random" + std::to_string(weather.random()) + "@forged.example";
    destination = "victim" + std::to_string(weather.random() % 10000) + ".example";
    return StormWatch::Seen{"10.0.0.66", sender, destination};
  };

  weather.ordinary(1200, minutes(20), [&] { weather.failing(200, bot); });

  BOOST_REQUIRE(weather.alarms.size() == 1U);
  const StormAlarm& alarm = weather.alarms.front();
  BOOST_TEST((alarm.what == StormAlarm::What::begins));
  BOOST_TEST((alarm.root == StormAlarm::Root::client));
  BOOST_TEST(alarm.name == "10.0.0.66");
  BOOST_TEST(alarm.part > 0.5);
  BOOST_TEST(alarm.remedy.contains("--client 10.0.0.66"));
  BOOST_TEST(weather.watch.suspected());
}

BOOST_AUTO_TEST_CASE(the_end_is_told_once_after_minutes_of_calm) {
  Weather weather;
  weather.ordinary(1200, hours(2));
  const auto bot = [] { return StormWatch::Seen{"10.0.0.66", "s@forged.example", "v.example"}; };
  weather.ordinary(1200, minutes(10), [&] { weather.failing(200, bot); });

  weather.ordinary(1200, minutes(4));
  BOOST_TEST(weather.watch.suspected());
  weather.ordinary(1200, minutes(30));

  BOOST_REQUIRE(weather.alarms.size() == 2U);
  BOOST_TEST((weather.alarms.back().what == StormAlarm::What::ends));
  BOOST_TEST(!weather.watch.suspected());
}

BOOST_AUTO_TEST_CASE(behind_one_relay_the_sender_is_the_root_and_not_the_relay) {
  Weather weather;
  std::string name;
  const auto ordinary = [&] {
    for (int i = 0; i < 100; ++i) {
      name = "s" + std::to_string(weather.random() % 3000) + "@d.example";
      weather.watch.arrived({"10.0.0.1", name, "d" + name}, weather.now);
    }
  };
  weather.ordinary(0, hours(2), ordinary);
  const auto bot = [&] {
    name = std::to_string(weather.random() % 10000) + ".example";
    return StormWatch::Seen{"10.0.0.1", "Stolen@Account.Example", name};
  };

  weather.ordinary(0, minutes(5), [&] {
    ordinary();
    weather.failing(100, bot);
  });

  BOOST_REQUIRE(!weather.alarms.empty());
  BOOST_TEST((weather.alarms.front().root == StormAlarm::Root::sender));
  BOOST_TEST(weather.alarms.front().name == "stolen@account.example");
}

BOOST_AUTO_TEST_CASE(a_destination_that_many_clients_cannot_reach_is_the_root) {
  Weather weather;
  weather.ordinary(3000, hours(2));
  std::string client, sender;
  const auto outage = [&] {
    client = weather.one_of("192.0.2.", 200);
    sender = weather.one_of("s@d", 5000);
    return StormWatch::Seen{client, sender, "big.example"};
  };

  weather.ordinary(3000, minutes(5), [&] { weather.failing(300, outage); });

  BOOST_REQUIRE(!weather.alarms.empty());
  BOOST_TEST((weather.alarms.front().root == StormAlarm::Root::destination));
  BOOST_TEST(weather.alarms.front().name == "big.example");
  BOOST_TEST(weather.alarms.front().remedy.contains("suspend --destination big.example"));
}

BOOST_AUTO_TEST_CASE(a_flood_of_bounces_has_the_null_sender_at_its_root) {
  Weather weather;
  weather.ordinary(1200, hours(2));
  std::string client, destination;
  const auto backscatter = [&] {
    client = std::to_string(weather.random());
    destination = std::to_string(weather.random());
    return StormWatch::Seen{client, "", destination};
  };

  weather.ordinary(1200, minutes(5), [&] { weather.failing(200, backscatter); });

  BOOST_REQUIRE(!weather.alarms.empty());
  BOOST_TEST((weather.alarms.front().root == StormAlarm::Root::sender));
  BOOST_TEST(weather.alarms.front().name.empty());
  BOOST_TEST(weather.alarms.front().remedy == "postern storm on --preset brute");
}

BOOST_AUTO_TEST_CASE(a_storm_of_nobody_in_particular_has_no_root_but_a_remedy) {
  Weather weather;
  std::string client, sender, destination;
  const auto everybody = [&] {
    client = std::to_string(weather.random());
    sender = std::to_string(weather.random());
    destination = std::to_string(weather.random());
    return StormWatch::Seen{client, sender, destination};
  };

  weather.ordinary(600, minutes(5), [&] { weather.failing(200, everybody); });

  BOOST_REQUIRE(!weather.alarms.empty());
  BOOST_TEST((weather.alarms.front().root == StormAlarm::Root::none));
  BOOST_TEST(weather.alarms.front().remedy == "postern storm on --preset gentle");
}

BOOST_AUTO_TEST_CASE(a_name_that_a_shell_would_obey_never_stands_in_the_remedy) {
  for (const char* name : {"'; rm -rf /;'@x.example", "$(reboot)@x.example", "-rf", "a b@x"}) {
    Weather weather;
    std::string destination;
    const auto bot = [&] {
      destination = std::to_string(weather.random());
      return StormWatch::Seen{destination, name, destination};
    };

    weather.ordinary(0, minutes(5), [&] { weather.failing(200, bot); });

    BOOST_REQUIRE(!weather.alarms.empty());
    BOOST_TEST(weather.alarms.front().name == name);
    BOOST_TEST(!weather.alarms.front().remedy.contains(name));
  }
}

BOOST_AUTO_TEST_CASE(what_fails_every_day_is_usual_after_hours) {
  Weather weather;
  const auto daily = [] { return StormWatch::Seen{"10.0.0.5", "list@d.example", "gone.example"}; };
  weather.ordinary(1200, hours(8), [&] { weather.failing(30, daily); });
  BOOST_TEST(weather.alarms.empty());

  weather.ordinary(1200, minutes(10), [&] { weather.failing(70, daily); });

  BOOST_TEST(weather.alarms.empty());
}

BOOST_AUTO_TEST_CASE(a_rate_of_zero_suspects_nothing) {
  Weather weather;
  weather.watch.configure({0});
  const auto bot = [] { return StormWatch::Seen{"10.0.0.66", "s@forged.example", "v.example"}; };

  weather.ordinary(600, minutes(10), [&] { weather.failing(1000, bot); });

  BOOST_TEST(weather.alarms.empty());
}

BOOST_AUTO_TEST_SUITE_END()
