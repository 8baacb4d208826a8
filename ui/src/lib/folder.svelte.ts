/** Where something was saved last: the next thing likely goes there too. Forgotten when the window closes. */
export const lastFolder = $state<{ path: string | null }>({ path: null });
