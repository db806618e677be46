#!/usr/bin/perl -T
# answer.pl FILE.cases... - writes SpamAssassin's own answers into case files (README.md has the format).
#
# Wants SpamAssassin 4.0.1 with Debian's plugins. Old answers are dropped; comments and order stay.
use strict; use warnings;
delete @ENV{qw(IFS CDPATH ENV BASH_ENV LANGUAGE LC_ALL LC_MESSAGES)};
$ENV{PATH} = '/usr/bin:/bin'; $ENV{LANG} = 'C'; $ENV{TZ} = 'UTC';
require Mail::SpamAssassin; require Mail::SpamAssassin::HTML; require Mail::SpamAssassin::NetSet;
my $util = 'Mail::SpamAssassin::Util';

my $plugins = join '', map { "loadplugin Mail::SpamAssassin::Plugin::$_\n" } qw(URIDNSBL SPF WelcomeListSubject
  MIMEHeader ReplaceTags DKIM Check HTTPSMismatch URIDetail BodyEval DNSEval HTMLEval HeaderEval MIMEEval RelayEval
  URIEval WLBLEval VBounce ImageInfo FreeMail HashBL DMARC AskDNS);
my @html_numbers = qw(image_area min_size max_size closed_extra_ratio backhair_count bad_tag_ratio non_element_ratio
  obfuscation_ratio font_low_contrast font_invalid_color font_face_bad form_action_mailto embeds);
my $assistant; my $assistant_of = '';

sub octets { my $x = shift; utf8::encode($x) if utf8::is_utf8($x); $x }

sub plain {
  my $x = shift;
  1 while $x =~ s/\\\{((?:[^\\]|\\.)*?)\*(\d+)\}/$1 x $2/e;
  my %one = (n => "\n", r => "\r", t => "\t", e => "\e", '\\' => '\\');
  $x =~ s/\\(?:x([0-9A-Fa-f]{2})|(.))/defined $1 ? chr hex $1 : $one{$2} \/\/ $2/ge;
  $x;
}

sub quoted {
  my $x = octets(shift);
  my %one = ("\n" => '\\n', "\r" => '\\r', "\t" => '\\t', "\e" => '\\e', '\\' => '\\\\');
  $x =~ s/([\n\r\t\e\\])/$one{$1}/g;
  my $hex = sub { join '', map { sprintf '\\x%02X', ord } split //, $_[0] };
  $x =~ s/( [\x20-\x7E]+
          | (?: [\xC3-\xDF][\x80-\xBF] | [\xE1\xE3-\xEC\xEE][\x80-\xBF]{2} | \xE2[\x81-\xBF][\x80-\xBF] )+
          ) | (.)/defined $1 ? $1 : $hex->($2)/gsex;
  qq("$x");
}

sub spamassassin {
  my $settings = shift;
  return $assistant if $assistant && $assistant_of eq $settings;
  $assistant->finish if $assistant;
  ($assistant_of) = $settings =~ /(.*)/s;
  $assistant = Mail::SpamAssassin->new({ local_tests_only => 1, dont_copy_prefs => 1, userprefs_filename => '/dev/null',
    config_text => "${plugins}use_bayes 0\nbayes_auto_learn 0\nreport_safe 0\n$assistant_of" });
  $assistant->init(1);
  $assistant;
}

sub header_of { my ($pms, $name) = @_; my @v = $pms->get($name); @v ? join($v[0] =~ /\n\z/ ? '' : "\n", @v) : undef }

sub lower_case { my %seen; sort grep { !$seen{$_}++ } map { lc } @_ }

sub html_results {
  my $r = shift; my @out;
  for (@html_numbers) { push @out, sprintf('%s=%.6g', $_, $r->{$_}) if defined $r->{$_} && $r->{$_} ne '' }
  push @out, "inside $_=$r->{inside}{$_}" for sort keys %{ $r->{inside} || {} };
  for my $kind (qw(comment script title anchor)) { push @out, "$kind $_" for map { octets($_) } @{ $r->{$kind} || [] } }
  @out;
}

sub parts_of {
  my ($part, $depth) = @_;
  my @leaf = $part->is_leaf() && !$part->{parsed} ? octets($part->decode()) : ();
  my $line = ('  ' x $depth) . $part->{type};
  $line .= " charset=$part->{charset}" if defined $part->{charset};
  $line .= " name=" . octets($part->{name}) if defined $part->{name} && $part->{name} ne '';
  $line .= ": $leaf[0]" if @leaf;
  ($line, map { parts_of($_, $depth + 1) } $part->is_leaf() ? () : @{ $part->{body_parts} || [] });
}

sub uri_details {
  my $pms = shift; my $all = $pms->get_uri_detail_list(); my @out;
  for my $raw (sort keys %$all) {
    my $d = $all->{$raw};
    push @out, join ' ', $raw, 'types=' . join(',', sort keys %{ $d->{types} }), 'cleaned=' . join(',', sort @{ $d->{cleaned} || [] }),
      'domains=' . join(',', sort keys %{ $d->{domains} || {} }), 'hosts=' . join(',', sort keys %{ $d->{hosts} || {} }),
      'text=' . join('|', map { octets($_) } @{ $d->{anchor_text} || [] });
  }
  @out;
}

sub about_text {  # questions that want no message
  my ($sa, $what, $rest, $row) = @_;
  return $util->can('parse_rfc822_date')->($row) if $what eq 'date';
  if ($what eq 'networks') {
    my $set = Mail::SpamAssassin::NetSet->new('case');
    $set->add_cidr(split ' ', $rest);
    return $set->contains_ip($row) ? 'yes' : 'no';
  }
  return Mail::SpamAssassin::HTML::target_uri($rest, $row) if $what eq 'link';
  return sort($util->can('uri_list_canonicalize')->($sa->{conf}{redirector_patterns}, [$row], $sa->{registryboundaries}))
    if $what eq 'canonical';
  if ($what eq 'domain') {
    my ($domain, $host) = $sa->{registryboundaries}->uri_to_domain($row);
    return defined $domain ? ($domain, $host) : ();
  }
  die "unknown question $what\n";
}

# A DNS of the case's own: "name/TYPE=text" each; SOA stands in the authority of an answer without records.
sub with_fake_dns {
  my ($zone) = @_; my (%records, %names, @sent, @asked);
  for (split ' ', $zone) {
    my ($name, $type, $text) = m{^([^/]+)/(\w+)=(.*)$} or die "what is $_?\n";
    push @{ $records{$name}{$type} }, $text; $names{$name} = 1;
  }
  no warnings qw(redefine once);
  my $socket = bless {}, 'FakeSocket';
  *FakeSocket::send = sub { push @sent, $_[1]; length $_[1] };
  *FakeSocket::close = sub { 1 };
  *Mail::SpamAssassin::DnsResolver::connect_sock = sub { $_[0]{sock} = $socket };
  *Mail::SpamAssassin::DnsResolver::connect_sock_if_reqd = sub { $_[0]{sock} = $socket };
  *Mail::SpamAssassin::DnsResolver::poll_responses = sub {
    my ($self) = @_; my $count = 0;
    for my $data (splice @sent) {
      my $packet = Net::DNS::Packet->new(\$data); my $header = $packet->header; my ($about) = $packet->question;
      my ($name, $type) = (lc $about->qname, $about->qtype);
      push @asked, "ask $name $type";
      my @found = @{ $records{$name}{$type} || [] };
      $header->qr(1); $header->rcode($names{$name} ? 'NOERROR' : 'NXDOMAIN');
      $packet->push(answer => map { Net::DNS::RR->new("$name. 60 $type " . ($type eq 'TXT' ? qq("$_") : $_)) } @found);
      $packet->push(authority => map { Net::DNS::RR->new("$name. 60 SOA $_. root.$_. 1 2 3 4 5") } @{ $records{$name}{SOA} || [] })
        unless @found;
      my $id = $self->_packet_id($packet); my $callback = delete $self->{id_to_callback}{$id};
      $callback->($packet, $id, time), $count++ if $callback;
    }
    ($count, $count);
  };
  \@asked;
}

# In a process of its own: the network is on, and answered from the question's records.
sub lookups_of {
  my ($settings, $message, $zone) = @_;
  my $child = open(my $from, '-|') // die "fork: $!\n";
  if (!$child) {
    require Net::DNS; require Mail::SpamAssassin::DnsResolver;
    my $asked = with_fake_dns($zone);
    my ($lines) = "${plugins}dns_available yes\ndns_server 127.0.0.1\nuse_bayes 0\nreport_safe 0\n$settings\n" =~ /(.*)/s;
    my $sa = Mail::SpamAssassin->new({ dont_copy_prefs => 1, userprefs_filename => '/dev/null', config_text => $lines });
    $sa->init(1);
    my $pms = $sa->check($sa->parse($message, 1)); my $hit = $pms->{tests_already_hit};
    my %seen;
    print map { "$_\n" } grep { !$seen{$_}++ } sort @$asked;
    print map { "hit $_\n" } grep { $hit->{$_} } sort keys %$hit;
    close STDOUT; require POSIX; POSIX::_exit(0);
  }
  chomp(my @lines = <$from>); close $from;
  @lines;
}

# In a process of its own: compiled rules outlive their SpamAssassin object.
sub hits_of {
  my ($settings, $message) = @_;
  my $child = open(my $from, '-|') // die "fork: $!\n";
  if (!$child) {
    my $sa = spamassassin("$settings\n");
    my $pms = $sa->check($sa->parse($message, 1)); my $hit = $pms->{tests_already_hit};
    print map { $hit->{$_} == 1 ? "$_\n" : "$_=$hit->{$_}\n" } grep { $hit->{$_} } sort keys %$hit;
    close STDOUT; require POSIX; POSIX::_exit(0);
  }
  chomp(my @hits = <$from>); close $from;
  @hits;
}

sub answers {
  my ($settings, $message, $question, $row) = @_;
  my ($what, $rest) = $question =~ /^(\w+)\s*(.*)$/;
  return hits_of($settings, $message) if $what eq 'hits';
  return lookups_of($settings, $message, $rest) if $what eq 'lookups';
  my $sa = spamassassin($settings);
  return about_text($sa, $what, $rest, $row) if $what =~ /^(?:date|networks|link|canonical|domain)$/;
  my $msg = $sa->parse($message, 1);
  $msg->delete_header("X-Spam-.*");  # as check() does
  my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $msg);
  $pms->extract_message_metadata();
  return grep { defined } header_of($pms, $rest) if $what eq 'header';
  return $pms->get($rest) if $what eq 'list';
  return map { header_of($pms, "X-Spam-Relays-$_") // '' } qw(Trusted Untrusted Internal External) if $what eq 'relays';
  return @{ $pms->get_decoded_stripped_body_text_array() } if $what eq 'body';
  return @{ $pms->get_decoded_body_text_array() } if $what eq 'rawbody';
  return sort($pms->get_uri_list()) if $what eq 'uris';
  return uri_details($pms) if $what eq 'uri_details';
  return parts_of($msg, 0) if $what eq 'parts';
  return lower_case($pms->all_to_addrs()) if $what eq 'recipients';
  return lower_case($pms->all_from_addrs()) if $what eq 'senders';
  if ($what eq 'html') { $pms->get_decoded_stripped_body_text_array(); return map { html_results($_->{html_results}) } grep { $_->{html_results} && %{ $_->{html_results} } } $msg->find_parts(qr/./, 1) }
  if ($what =~ /^(?:in)?visible$/) {
    my $text = "${what}_rendered";
    return map { ($_->$text())[1] // '' } grep { my @seen = $_->rendered(); $_->{html_results} && %{ $_->{html_results} } } $msg->find_parts(qr/./, 1);
  }
  die "unknown question $what\n";
}

for my $file (map { /^(.*)$/ } @ARGV) {
  open my $in, '<:raw', $file or die "$file: $!\n"; my @lines = grep { !/^= / } <$in>; close $in;
  my ($common, $settings, $message, $question, $out) = ('', '', '', undef, '');
  my $in_case = 0; my %with_rows; my $case = 0;
  for (@lines) { $case++ if /^case /; $with_rows{$case} = 1 if /^row\b/ }
  $case = 0;
  my $write = sub {
    my ($row) = @_; my $text = $message; $text =~ s/\{\}/$row/g if defined $row;
    my @found = answers("$common$settings", $text, $question, $row);
    @found = grep { defined } @found;
    $out .= @found ? join('', map { '= ' . quoted($_) . "\n" } @found) : "= none\n";
  };
  for my $line (@lines) {
    $out .= $line; chomp $line;
    if ($line =~ /^case /) { $in_case = 1; ($settings, $message) = ('', ''); $case++ }
    elsif ($line =~ /^set (.*)/) { if ($in_case) { $settings .= "$1\n" } else { $common .= "$1\n" } }
    elsif ($line =~ /^\| ?(.*)/) { $message .= plain($1) . "\n" }
    elsif ($line =~ /^ask (.*)/) { $question = $1; $write->() unless $with_rows{$case} }
    elsif ($line =~ /^row ?(.*)/) { $write->(plain($1)) }
    elsif ($line =~ /\S/ && $line !~ /^#/) { die "$file: what is \"$line\"?\n" }
  }
  open my $to, '>:raw', $file or die "$file: $!\n"; print $to $out; close $to or die "$file: $!\n";
}
