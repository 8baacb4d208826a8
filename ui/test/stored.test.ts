import { describe, expect, it } from "vitest";

import { chrome, firefox, item, kind, profile, site } from "../src/dev/browsers";
import { alsoNamed, inOneLine, named, profileName, size, statistics } from "../src/lib/stored";

describe("a size in words", () => {
  it.each([
    ["0", "0 bytes"],
    ["1", "1 byte"],
    ["999", "999 bytes"],
    ["1000", "1 kB"],
    ["49234", "49 kB"],
    ["999499", "999 kB"],
    ["999600", "1 MB"],
    ["2340000", "2.3 MB"],
    ["18400000", "18 MB"],
    ["5100000000", "5.1 GB"],
    ["9007199254740993000", "9,007,199,255 GB"],
  ])("of %s bytes is %s", (bytes, words) => expect(size(bytes)).toBe(words));
});

describe("what a site keeps", () => {
  it("is said in one line, without kinds of which nothing is there", () => {
    const kinds = [kind("cookie", [item("1", "a")]), kind("quota", []), kind("local-storage", [item("2", "b")])];
    expect(inOneLine(kinds)).toBe("1 cookie and local storage");
    expect(inOneLine(kinds.slice(2))).toBe("Local storage");
    expect(inOneLine([])).toBe("Nothing kept here");
  });

  it("is summed over profiles where several name the same kind", () => {
    expect(named([...firefox().elsewhere, ...chrome().elsewhere])).toBe(
      "17 entries in the history, 2 tabs to reopen, and 41 entries in the page cache",
    );
  });
});

describe("what can go as well", () => {
  it("is what is there, and the history is what is made of it", () => {
    expect(alsoNamed([firefox(), chrome()])).toEqual(["history", "session-restore", "http-cache"]);
    const icons = profile("p", "Opera", "", { elsewhere: [kind("icons", [], { count: 1 }), kind("http-cache", [], { count: 0 })] });
    expect(alsoNamed([icons])).toEqual(["history"]);
    expect(alsoNamed([])).toEqual([]);
  });
});

it("a profile without a name goes by its browser's", () => {
  expect(profileName(profile("p", "Opera", ""))).toBe("Opera");
  expect(profileName(profile("p", "Opera", "Work"))).toBe("Opera, Work");
});

it("statistics cookies are found by profile and site, and nothing else is", () => {
  const found = statistics([firefox(), chrome(), profile("p", "Opera", "", { sites: [site("dingtalk.com", [])] })]);
  expect(found.map(({ profile, site, items }) => [profile.id, site.domain, items.map(({ name }) => name)])).toEqual([
    ["firefox-1", "dingtalk.com", ["UM_distinctid", "_bl_uid"]],
  ]);
});
