"""A command that is interrupted by the keyboard while the engine works."""

INTERRUPTED = """
    import os, signal
    from corridors.cli import main
    from corridors.models.columns.generation import ColumnGeneration

    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background do not have it
    iterate = ColumnGeneration.iterate

    def pressed(self, gap):
        ending = iterate(self, gap)
        os.kill(os.getpid(), signal.SIGINT)
        return ending

    ColumnGeneration.iterate = pressed
    main()
"""
