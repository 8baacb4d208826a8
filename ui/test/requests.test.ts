import axe from "axe-core";
import { describe, expect, it } from "vitest";

import { usual } from "../src/dev/browsers";
import { situations } from "../src/dev/fixtures";
import { requestSituations } from "../src/dev/requests";
import { requestTestids as ids } from "../src/lib/testids.requests";
import { byTestId, isThere, open, settled, type Opened } from "./window";

const noAccount = situations["noAccount"]!;

function letters(name: string): Promise<Opened> {
  return open(noAccount(), "requests", usual(), undefined, { requests: requestSituations[name]!() });
}

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false }, "page-has-heading-one": { enabled: true } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

async function unfold(id: string): Promise<void> {
  byTestId(`${ids.request(id)}-details`).click();
  await settled();
}

async function fill(user: Opened["user"]): Promise<void> {
  await user.click(byTestId(ids.write));
  await user.selectOptions(byTestId(ids.place), "eea");
  await user.click(byTestId(ids.right("access")));
}

describe("letters", () => {
  it.each(Object.keys(requestSituations))("have no accessibility fault in the situation “%s”, all unfolded", async (name) => {
    await letters(name);
    for (const { id } of requestSituations[name]!().requests) await unfold(id);
    expect(await faults()).toEqual([]);
  });

  it("are written without an account, shown, and noted as sent only when the person says so", async () => {
    const { user, program } = await letters("none");
    await fill(user);
    await user.type(byTestId(ids.field("name")), "Ada Lovelace");
    await user.type(byTestId(ids.field("account")), "ada@example.org");
    expect(await faults()).toEqual([]);
    await user.click(byTestId(ids.make));
    await settled();
    expect(byTestId(ids.body).textContent).toContain("Ada Lovelace");
    expect(byTestId(ids.letterTo).textContent).toContain("dt_privacy@");
    expect(await faults()).toEqual([]);
    await user.click(byTestId(ids.open));
    await settled();
    expect(program.calls).not.toContain("recordRequest");
    await user.click(byTestId(ids.sent));
    await settled();
    expect(program.calls).toContain("recordRequest");
    expect(byTestId(ids.status("8")).dataset["status"]).toBe("open");
  });

  it("say what is missing at the line it is missing in, and lose nothing", async () => {
    const { user, program } = await letters("none");
    await user.click(byTestId(ids.write));
    await user.click(byTestId(ids.make));
    await settled();
    expect(byTestId(ids.problem).textContent).toContain("Choose where you live");
    expect(document.activeElement).toBe(byTestId(ids.place));
    await user.selectOptions(byTestId(ids.place), "eea");
    await user.click(byTestId(ids.right("access")));
    await user.type(byTestId(ids.field("account")), "ada@example.org");
    await user.click(byTestId(ids.make));
    await settled();
    expect(document.activeElement).toBe(byTestId(ids.field("name")));
    expect(byTestId(ids.field("name")).getAttribute("aria-invalid")).toBe("true");
    expect((byTestId(ids.field("account")) as HTMLInputElement).value).toBe("ada@example.org");
    expect(program.calls.filter((call) => call === "beginRequest")).toHaveLength(1);
  });

  it("ask for an Organization's address only when they go there", async () => {
    const { user } = await letters("none");
    await fill(user);
    expect(isThere(ids.field("organization"))).toBe(false);
    await user.click(byTestId(ids.to("through-dingtalk")));
    expect(isThere(ids.field("organization"))).toBe(true);
    expect(isThere(ids.field("organization-address"))).toBe(false);
    await user.click(byTestId(ids.to("organization")));
    expect(isThere(ids.field("organization-address"))).toBe(true);
    await user.click(byTestId(ids.right("end-account")));
    expect(isThere(ids.to("organization"))).toBe(false);
    expect(isThere(ids.field("organization"))).toBe(false);
  });

  it("show a law's own rights and what to know before", async () => {
    const { user } = await letters("none");
    await fill(user);
    expect(isThere(ids.right("no-sale"))).toBe(false);
    await user.selectOptions(byTestId(ids.place), "california");
    expect(isThere(ids.right("no-sale"))).toBe(true);
    expect(byTestId(ids.form).textContent).toContain("twice within 12 months");
  });

  it("that are late say so in words, and name who can help", async () => {
    await letters("several");
    expect(byTestId(ids.status("4")).dataset["overdue"]).toBe("true");
    expect(byTestId(ids.status("4")).textContent).toContain("Late");
    expect(byTestId(ids.next("4")).textContent).toContain("others can help");
    await unfold("4");
    expect(byTestId(ids.help("4")).textContent).toContain("data protection authority");
    expect(isThere(ids.remind("4"))).toBe(false);
  });

  it("to an Organization promise no day", async () => {
    await letters("several");
    expect(byTestId(ids.next("3")).textContent).toContain("no certain day");
    await unfold("3");
    expect(isThere(ids.remind("3"))).toBe(false);
  });

  it("take what happened with its day, and a refusal with its reason", async () => {
    const { user } = await letters("several");
    await unfold("2");
    await user.selectOptions(byTestId(ids.what("2")), "extended");
    expect(isThere(ids.until("2"))).toBe(true);
    await user.selectOptions(byTestId(ids.what("2")), "denied");
    expect(isThere(ids.why("2"))).toBe(true);
    expect(isThere(ids.until("2"))).toBe(false);
    await user.click(byTestId(ids.note("2")));
    await settled();
    expect(byTestId(ids.status("2")).dataset["status"]).toBe("denied");
    expect(isThere(ids.help("2"))).toBe(true);
  });

  it("keep what was said when the program refuses it", async () => {
    const { user, program } = await letters("several");
    await unfold("2");
    program.refuse("recordRequest", "day-impossible", "That day can't be right.");
    await user.click(byTestId(ids.note("2")));
    await settled();
    expect(byTestId(ids.noteProblem("2")).textContent).toContain("can't be right");
    expect(byTestId(ids.status("2")).dataset["status"]).toBe("open");
  });

  it("leave the list only after a question", async () => {
    const { user } = await letters("several");
    await unfold("7");
    await user.click(byTestId(ids.forget("7")));
    await settled();
    await user.keyboard("{Escape}");
    await settled();
    expect(isThere(ids.request("7"))).toBe(true);
    await user.click(byTestId(ids.forget("7")));
    await settled();
    await user.click(byTestId(ids.forgetAct));
    await settled();
    expect(isThere(ids.request("7"))).toBe(false);
  });

  it("show a name that others chose as text", async () => {
    const { user } = await letters("none");
    await fill(user);
    await user.type(byTestId(ids.field("name")), "<img src=x onerror=alert(1)>");
    await user.click(byTestId(ids.make));
    await settled();
    expect(byTestId(ids.body).children).toHaveLength(0);
    expect(byTestId(ids.body).textContent).toContain("<img");
  });

  it("are written by keyboard alone", async () => {
    const { user } = await letters("none");
    byTestId(ids.write).focus();
    await user.keyboard("{Enter}");
    await settled();
    byTestId(ids.place).focus();
    await user.selectOptions(byTestId(ids.place), "eea");
    await user.tab();
    await user.keyboard(" ");
    await settled();
    expect(byTestId(ids.right("access")).getAttribute("aria-checked")).toBe("true");
  });
});
