/** The ids of rows: where search leads to, and what a pending move is kept under. */
export const rows = {
  permission: (id: string) => `perm-${id}`,
  consent: (id: string) => `consent-${id}`,
  topic: (topic: string) => `topic-${topic.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-")}`,
  /** A site of DingTalk's in a browser's profile. */
  site: (profile: string, domain: string) => `site-${profile}-${domain}`,
  sitePermission: (profile: string, domain: string, permission: string) => `site-${profile}-${domain}-${permission}`,
  backup: (id: string) => `backup-${id}`,
  change: (id: string) => `history-${id}`,
};
