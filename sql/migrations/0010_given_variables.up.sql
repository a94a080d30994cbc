-- Whether somebody gave the value; when false, the template's own files say it. NULL: stored before this was known.
ALTER TABLE template_version_variables ADD COLUMN given boolean;
