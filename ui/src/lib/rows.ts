/** The ids of rows: where search leads to, and what a pending move is kept under. */
export const rows = {
  permission: (id: string) => `perm-${id}`,
  consent: (id: string) => `consent-${id}`,
  topic: (topic: string) => `topic-${topic.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-")}`,
  change: (id: string) => `history-${id}`,
};
