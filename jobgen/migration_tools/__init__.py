"""Write the migrations of a project whose tables Alembic or Django keeps."""
