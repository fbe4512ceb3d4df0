-- Version 2: what arrived before trimmed_ms had expired when the retention was last changed, and stays out of reach. Nothing was noted
-- before, so nothing more is hidden than the retention hides.

ALTER TABLE streams ADD COLUMN trimmed_ms INTEGER NOT NULL DEFAULT 0;
