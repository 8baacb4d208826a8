/** Counts, for one glance. They describe a view and decide nothing. */
import type { AppView, ConsentView, PermissionView, StateWord } from "./bindings";
import { m } from "./messages";

export function count(permissions: PermissionView[], state: StateWord): number {
  return permissions.filter((permission) => permission.state === state).length;
}

export function ofGroup(consents: ConsentView[], ...groups: string[]): ConsentView[] {
  return consents.filter((consent) => groups.includes(consent.group));
}

export function granted(consents: ConsentView[]): number {
  return consents.filter((consent) => consent.granted).length;
}

/** The device in a few words. */
export function deviceInWords({ device }: AppView): string {
  switch (device.install) {
    case "flatpak":
      return m.overview.counts(
        count(device.permissions, "allowed"),
        count(device.permissions, "denied"),
        count(device.permissions, "asks"),
      );
    case "package":
      return m.overview.package;
    case "absent":
      return m.overview.absent;
    case "elsewhere":
      return m.overview.elsewhere;
    case "looking":
      return m.words.loading;
  }
}

/** The account in a few words. */
export function accountInWords({ account }: AppView): string {
  switch (account.status) {
    case "none":
      return m.overview.noAccount;
    case "signed-out":
      return m.overview.signedOut;
    case "locked":
      return m.overview.locked;
    case "signed-in":
      return account.displayName ?? account.identifier ?? m.account.placeName[account.place];
  }
}
