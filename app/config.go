package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"onward/app/notify"
	"onward/app/postgres"
	"onward/app/site"
)

// config is every setting of the program. Its only source is the environment.
type config struct {
	listen        string
	data          string
	databaseURL   string
	fetchPostgres bool
	origin        string
	logKey        string
	logCopy       string
	witnesses     string
	company       string
	contact       string
	brand         site.Brand
	languages     []*site.Language
	home          string
	subjectKey    []byte
	linkKey       []byte
	mail          *notify.Mail // nil: mail stays queued
	mailFrom      *mail.Address
	privateHooks  bool
	proxies       []string
	keepMonths    int // 0: for ever
	level         slog.Level
}

// setting is one environment variable: what --help says of it, and how it is read.
type setting struct {
	name, preset, help string
	read               func(*config, string) error
}

// settings are all of them, in the order of --help.
func settings() []setting {
	return []setting{
		{"ONWARD_LISTEN", "127.0.0.1:8080", "address to serve on", func(c *config, v string) error {
			c.listen = v
			_, _, err := net.SplitHostPort(v)
			return err
		}},
		{"ONWARD_DATA", defaultData(), "folder for the private PostgreSQL and the keys", func(c *config, v string) (err error) {
			if v == "" {
				return errors.New("this account has no home folder: name one")
			}
			c.data, err = filepath.Abs(v)
			return err
		}},
		{"ONWARD_DATABASE_URL", "", "use this PostgreSQL (15 or later) instead of a private one: postgres://user:password@host/name", func(c *config, v string) error {
			c.databaseURL = v
			return nil
		}},
		{"ONWARD_FETCH_POSTGRES", "once", "where no PostgreSQL is installed, fetch its binaries with npm: once, or never", func(c *config, v string) error {
			c.fetchPostgres = v == "once"
			return oneOf(v, "once", "never")
		}},
		{"ONWARD_LOG_ORIGIN", "", "name of a new audit log, such as example.com/onward; an existing log keeps its own", func(c *config, v string) error {
			c.origin = v
			if strings.ContainsAny(v, " \t\r\n+") {
				return errors.New("it may have no space and no plus sign")
			}
			return nil
		}},
		{"ONWARD_LOG_KEY", "", "keys of the audit log, PRIVATE+KEY+…, separated by commas: the current one first, then one that is being replaced, and verifier keys of retired ones; the same on every instance; unset, a key is made once and kept in the data folder as log.key", func(c *config, v string) error {
			c.logKey = v // it is read when the log's origin is known
			return nil
		}},
		{"ONWARD_LOG_COPY", "", "file that keeps the log's checkpoints outside the database, append-only; back it up elsewhere than the database (default checkpoints in the data folder)", func(c *config, v string) (err error) {
			if v != "" {
				c.logCopy, err = filepath.Abs(v)
			}
			return err
		}},
		{"ONWARD_WITNESSES", "", "file that names the witnesses of the audit log and how many must cosign (C2SP tlog-policy: witness, group and quorum lines)", func(c *config, v string) error {
			c.witnesses = v
			return nil
		}},
		{"ONWARD_COMPANY", "", "your company's name on the public list", func(c *config, v string) error {
			c.company = v
			return nil
		}},
		{"ONWARD_CONTACT", "", "where readers of the public list may write to: an e-mail address or a URL", func(c *config, v string) error {
			c.contact = v
			return nil
		}},
		{"ONWARD_PUBLIC_URL", "", "where readers find the public list, such as https://privacy.example.com; unset, pages name no address to search engines", func(c *config, v string) (err error) {
			c.brand.PublicURL, err = site.ParsePublicURL(v)
			return err
		}},
		{"ONWARD_LOGO", "", "SVG or PNG file that stands for your company's name on the public pages; they serve it themselves", func(c *config, v string) (err error) {
			if v != "" {
				c.brand.Logo, err = site.ReadLogo(v)
			}
			return err
		}},
		{"ONWARD_ACCENT", "", "colour of links and buttons on the public pages, such as #0b5c54; a second one is for the dark scheme", func(c *config, v string) (err error) {
			c.brand.Accent, err = site.ParseAccent(v)
			return err
		}},
		{"ONWARD_LINKS", "", "links at the foot of the public pages: Imprint https://example.com/imprint; Privacy policy https://example.com/privacy", func(c *config, v string) (err error) {
			c.brand.Links, err = site.ParseLinks(v)
			return err
		}},
		{"ONWARD_LANGUAGES", "", "folder of language files (.json) for the public pages, besides English and German", func(c *config, v string) (err error) {
			c.languages, err = site.ReadLanguages(v)
			return err
		}},
		{"ONWARD_HOME_COUNTRY", "", "country (ISO 3166-1, such as DE) that shares come from when they do not say; unset, every country is across a border", func(c *config, v string) error {
			c.home = v
			if v != "" && (len(v) != 2 || strings.ToUpper(v) != v) {
				return errors.New("it is two capital letters")
			}
			return nil
		}},
		{"ONWARD_SUBJECT_KEY", "", "64 hex digits that key the pseudonyms of people; unset, a key is made once and kept in the data folder", func(c *config, v string) (err error) {
			if v == "" {
				return nil
			}
			c.subjectKey, err = keyOf(v)
			return err
		}},
		{"ONWARD_LINK_KEY", "", "64 hex digits that sign the links of notices, by which customers object; the same on every instance; unset, a key is made once and kept in the data folder as link.key", func(c *config, v string) (err error) {
			if v == "" {
				return nil
			}
			c.linkKey, err = keyOf(v)
			return err
		}},
		{"ONWARD_SMTP", "", "mail server for notices: smtp://user:password@host:587 (encrypted by STARTTLS; ?starttls=no permits a server that has none) or smtps://user:password@host:465; unset, mail stays queued", func(c *config, v string) (err error) {
			if v != "" {
				c.mail, err = notify.ReadMail(v)
			}
			return err
		}},
		{"ONWARD_MAIL_FROM", "", "whom mail is from: privacy@example.com, or Example Privacy <privacy@example.com>", func(c *config, v string) (err error) {
			if v == "" {
				return nil
			}
			if c.mailFrom, err = mail.ParseAddress(v); err != nil {
				return errors.New("it is an e-mail address, with or without a name before it")
			}
			return nil
		}},
		{"ONWARD_WEBHOOKS", "public", "where webhooks may go: public addresses only, or private ones too, such as 10.0.0.1 and this machine", func(c *config, v string) error {
			c.privateHooks = v == "private"
			return oneOf(v, "public", "private")
		}},
		{"ONWARD_PROXIES", "", "addresses or networks of your own proxies, separated by commas, whose X-Forwarded-For is believed: by it, one caller cannot ask for many subscriptions", func(c *config, v string) error {
			for _, text := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
				if _, err := netip.ParsePrefix(text); err != nil {
					if _, err := netip.ParseAddr(text); err != nil {
						return fmt.Errorf("%q is neither an address nor a network", text)
					}
				}
				c.proxies = append(c.proxies, text)
			}
			return nil
		}},
		{"ONWARD_KEEP_MONTHS", "", "how many months of the audit log are kept besides the running one; older ones are pruned once a day, unless there is a legal hold; unset, all are kept for ever", func(c *config, v string) (err error) {
			if v == "" {
				return nil
			}
			if c.keepMonths, err = strconv.Atoi(v); err != nil || c.keepMonths < 1 || c.keepMonths > 1200 {
				return errors.New("it is a whole number from 1 to 1200")
			}
			return nil
		}},
		{"ONWARD_LOG_LEVEL", "info", "debug, info, warn or error", func(c *config, v string) error {
			return c.level.UnmarshalText([]byte(v))
		}},
	}
}

// readConfig reads the environment and refuses, in one error, every bad setting and every ONWARD_ name that is none.
func readConfig(environ []string) (config, error) {
	given := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "ONWARD_") {
			given[name] = value
		}
	}
	var c config
	var bad []error
	for _, s := range settings() {
		value := given[s.name]
		delete(given, s.name)
		if value == "" {
			value = s.preset
		}
		if err := s.read(&c, value); err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		bad = append(bad, fmt.Errorf("%s: there is no such setting; --help lists them", name))
	}
	if c.mail != nil {
		if c.mail.From = c.mailFrom; c.mailFrom == nil {
			bad = append(bad, errors.New("ONWARD_MAIL_FROM: with ONWARD_SMTP, it must say whom mail is from"))
		}
	}
	return c, errors.Join(bad...)
}

// keyOf is a key of 32 bytes. It is a secret: a bad one is not repeated.
func keyOf(v string) ([]byte, error) {
	key, err := hex.DecodeString(v)
	if err != nil || len(key) != 32 {
		return nil, errors.New("it is 64 hex digits")
	}
	return key, nil
}

// defaultData is empty where the account has no place of its own.
func defaultData() string {
	dir, err := postgres.DefaultDataDir()
	if err != nil {
		return ""
	}
	return dir
}

func oneOf(v string, allowed ...string) error {
	if slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("it is one of %s", strings.Join(allowed, ", "))
}

func logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
