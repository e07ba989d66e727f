"""What each document says, as blocks made of plain data: no rows are read here, nothing is stored.

Documents are written in Chinese whatever the language of the page that asks for them: they are
papers of the administration, and equal content must have an equal digest.
"""

from reports.documents.content.annex import annex, dossier
from reports.documents.content.figures import figures
from reports.documents.content.material import Material
from reports.documents.content.volume import main_volume
from reports.documents.content.year import collation, filing

__all__ = ["Material", "annex", "collation", "dossier", "figures", "filing", "main_volume"]
