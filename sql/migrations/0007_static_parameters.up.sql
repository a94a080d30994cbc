-- Whether a version's parameters are what its import found, whatever the answers: then nobody has to evaluate them.
ALTER TABLE template_version_terraform_values ADD COLUMN static_parameters boolean NOT NULL DEFAULT false;
