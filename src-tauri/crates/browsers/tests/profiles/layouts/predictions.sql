-- As Chromium 156 makes `Network Action Predictor`, but for tables of other things.
CREATE TABLE network_action_predictor(id TEXT PRIMARY KEY, user_text TEXT, url TEXT, number_of_hits INTEGER, number_of_misses INTEGER);
